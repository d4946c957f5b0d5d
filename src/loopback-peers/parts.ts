import type { Alias } from '../core/alias.ts';
import type { OutboundGrant } from '../core/grant.ts';
import type { PeerName } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';
import type { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MessageControl, Messages } from '../ports/delivery.ts';
import type { Digests } from '../ports/machine.ts';
import type { OutboxStore } from '../ports/messages.ts';
import type { PeerReads } from '../ports/peer-reads.ts';

export interface PeersMountParts {
  readonly messages: Pick<Messages, 'find' | 'settled' | 'submit'>;
  readonly outbox: Pick<OutboxStore, 'ofClient'>;
  readonly control: Pick<MessageControl, 'cancel'>;
  readonly reads: PeerReads;
  /** The judge: the grant by which agents here may write there, or why they may not. */
  readonly judge: (to: { readonly peer: PeerName; readonly alias: Alias }) => OutboundGrant | AgentPeerError;
  readonly policy: () => Policy;
  readonly digests: Pick<Digests, 'text'>;
  readonly log: Log;
  readonly limits: {
    readonly bodyBytes: number;
    /** Longest wait for a reply within one SendMessage. */
    readonly waitMs: number;
  };
}
