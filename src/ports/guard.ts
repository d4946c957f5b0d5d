import type { Before, Load } from '../core/guard.ts';
import type { ConversationId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import type { SessionKey } from '../core/session-key.ts';

/** What the loop guard counts. From the messages on disk, so that a restart gives no new allowance. */
export interface GuardCounts {
  /** What this pair did before `now`; of a conversation that is yet to begin when it is null. */
  load(peer: PeerName, conversation: ConversationId | null, now: number): Omit<Load, 'hop'>;
  /** The hops that a message to this peer may follow: of what this session read, or where it is null, any of them. */
  before(peer: PeerName, conversation: ConversationId | null, reader: SessionKey | null, now: number): Before;
  /** The hop of the newest message of ours that this peer has had a moment ago, in any conversation; null when there is none. */
  told(peer: PeerName, now: number): number | null;
}
