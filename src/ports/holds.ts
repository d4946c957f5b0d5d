import type { Alias } from '../core/alias.ts';
import type { Content } from '../core/content.ts';
import type { Waiting } from '../core/hold.ts';
import type { ConversationId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';

/** One message of which it, or the reply to it, waits for a person. */
export interface HeldItem extends Waiting {
  /** The message id of an outbound one, the task id of an inbound one. */
  readonly id: string;
  /** Of the message; a reply goes the other way. */
  readonly direction: 'inbound' | 'outbound';
  readonly peer: PeerName;
  readonly alias: Alias;
  readonly conversation: ConversationId;
  readonly since: number;
  /** When nobody can let it go on any more. */
  readonly until: number;
  readonly text: string;
  /** Null unless it is what the owner of this stack is asked about. */
  readonly reply: string | null;
  readonly content: Content;
}

/** How many wait for the owner of this stack, and how many of ours for owners of peers. */
export interface HeldCounts {
  readonly here: number;
  readonly there: number;
}

/**
 * What waits for a person, for the owner of this stack alone. Throws AgentPeerError `hold-not-found` for what is not held,
 * or not any more: it was decided, cancelled or is over; `hold-elsewhere` for what only the owner of the peer can decide.
 */
export interface Holds {
  /** Oldest first; what waits for the owner of this stack first. Not all where there are very many. */
  list(): readonly HeldItem[];
  counts(): HeldCounts;
  find(id: string): HeldItem;
  /**
   * Lets it go on. What the peer holds can be let go on here only when it is held for the length of its chain, which then
   * begins anew; all else is for the owner of the peer.
   */
  approve(id: string): HeldItem;
  /** Ends it. Whoever wrote it is told the note; throws AgentPeerError `input-invalid` for one that is too long. */
  refuse(id: string, note: string): HeldItem;
}
