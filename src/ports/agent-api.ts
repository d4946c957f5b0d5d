import type { TaskAnswer } from '../core/answer.ts';
import type { Waiting } from '../core/hold.ts';
import type { OutboundObstacle } from '../core/open-outbound.ts';
import type { OutboxState } from '../core/outbox.ts';
import type { PeerState } from '../core/peer.ts';
import type { Draft } from './delivery.ts';

/** A name under which agents here may write to a peer. */
export interface OpenAlias {
  /** `any` stands for all that the peer offers. */
  readonly alias: string;
  /** Whether the owner listed a local session for replies: an agent can ask for it, and never choose it. */
  readonly repliesToSession: boolean;
}

/** What an agent is told of a peer: enough to choose whom to write to. */
export interface AgentPeer {
  readonly name: string;
  readonly state: PeerState;
  readonly hasOutboundToken: boolean;
  readonly aliases: readonly OpenAlias[];
  /** Why nothing can be written to it now; null when something can. */
  readonly obstacle: OutboundObstacle | null;
}

/** What an agent may say of a message: nothing of who it is, nor of another session than the one that its owner listed. */
export interface AgentDraft extends Pick<Draft, 'peer' | 'text' | 'conversation' | 'content'> {
  /** The one that is meant where none is named, when absent. */
  readonly alias?: string;
  readonly replyToSession?: boolean;
}

/** How a message of an agent's stands. */
export interface AgentMessage {
  readonly id: string;
  readonly peer: string;
  readonly alias: string;
  readonly conversation: string;
  readonly state: OutboxState;
  /** The peer's words; null until it is answered, and for an answer without text. */
  readonly reply: string | null;
  readonly answer: TaskAnswer | null;
  readonly hold: Waiting | null;
  readonly reason: string | null;
  /** What was last said of it, perhaps in the peer's words. */
  readonly detail: string | null;
  readonly erasedAt: string | null;
}

export interface AgentSent extends AgentMessage {
  readonly warnings: readonly string[];
}

/** All that an agent may do. Errors are AgentPeerError. */
export interface AgentApi {
  peers(signal: AbortSignal): Promise<readonly AgentPeer[]>;
  /**
   * Stored when it resolves; waits for the reply that long, and not for a person who has to look at it before it leaves. A
   * signal ends the waiting and takes nothing back.
   */
  send(draft: AgentDraft, waitSeconds: number, signal: AbortSignal): Promise<AgentSent>;
  show(id: string, waitSeconds: number, signal: AbortSignal): Promise<AgentMessage>;
}
