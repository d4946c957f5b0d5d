import type { Policy } from '../core/policy.ts';
import type { RefusalReason } from '../core/refusal.ts';
import type { MessageId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import type { Log } from '../log.ts';
import type { AuditLog } from '../ports/audit.ts';
import type { TaskWatch } from '../ports/delivery.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { Clock, Digests, Random } from '../ports/machine.ts';
import type { InboxStore } from '../ports/messages.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import type { PairingResponder } from '../ports/pairing.ts';
import type { Cuts } from './cuts.ts';
import type { PeerServerLimits } from './limits.ts';
import type { Places } from './places.ts';
import type { RateLimits } from './rate-limits.ts';

export interface PeerServerDeps {
  /** The policy now; asked for each decision, so that a revoke counts at once. */
  readonly policy: () => Policy;
  readonly tailnet: Tailnet;
  /** Only what concerns the calling peer: a search among all tasks is out of reach here. */
  readonly inbox: Pick<InboxStore, 'accept' | 'apply' | 'fetched' | 'findMessage' | 'findTask' | 'usage'>;
  /** For the loop guard. */
  readonly guard: Pick<GuardCounts, 'load' | 'told'>;
  /** Pairings and changes of tokens. */
  readonly pairing: PairingResponder;
  readonly tasks: TaskWatch;
  /** Tells the inbox worker that there is something new. */
  readonly wakeInbox: () => void;
  /** This peer has called, with its token and from its node. */
  readonly heard: (peer: PeerName) => void;
  readonly audit: AuditLog;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly random: Random;
  readonly turnKey: (peer: PeerName, messageId: MessageId) => string;
  /** Why no message can be taken now; null when all is well. */
  readonly readiness: () => RefusalReason | null;
  readonly limits?: Partial<PeerServerLimits>;
  /** Of this stack, on the agent card; told to paired nodes only. */
  readonly name: string;
  /** Of this program; told to paired peers only. */
  readonly version: string;
  readonly log: Log;
}

/** As the parts of this folder see them: every limit set. */
export type Deps = Omit<PeerServerDeps, 'limits'> & {
  readonly limits: PeerServerLimits;
  readonly rates: RateLimits;
  readonly cuts: Cuts;
  /** Of requests that wait for a reply, held by peers. */
  readonly waits: Places;
  /** `http://<address>:<port>` that is listened on. */
  readonly origin: () => string;
};
