import type { Alias } from '../core/alias.ts';
import type { PeerName } from '../core/peer.ts';
import type { Policy } from '../core/policy.ts';
import type { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AuditEntry, AuditLog } from '../ports/audit.ts';
import type { MessageControl, Messages } from '../ports/delivery.ts';
import type { Clock, Digests } from '../ports/machine.ts';
import type { OutboxStore } from '../ports/messages.ts';
import type { PeerReads } from '../ports/peer-reads.ts';

/** Why agents here may not write to a peer: for the audit log, and for who asked. */
export interface NotPermitted extends Pick<AuditEntry, 'reason' | 'peer'> {
  readonly error: AgentPeerError;
}

export interface PeersMountParts {
  readonly messages: Pick<Messages, 'find' | 'settled' | 'submit'>;
  readonly outbox: Pick<OutboxStore, 'ofClient'>;
  readonly control: Pick<MessageControl, 'cancel'>;
  readonly reads: PeerReads;
  /** The judge: null where agents here may write. */
  readonly judge: (to: { readonly peer: PeerName; readonly alias: Alias }) => NotPermitted | null;
  readonly audit: AuditLog;
  readonly policy: () => Policy;
  readonly clock: Clock;
  readonly digests: Pick<Digests, 'text'>;
  readonly log: Log;
  readonly limits: {
    readonly bodyBytes: number;
    /** Longest wait for a reply within one SendMessage. */
    readonly waitMs: number;
  };
}
