import type { InboxState } from '../../core/inbox.ts';
import type { OutboxState } from '../../core/outbox.ts';
import type { PairedName } from '../lab.ts';
import type { FaultKind } from './plan.ts';

/** What the loopback API said to a message that was handed in. */
export type Submitted =
  | { readonly kind: 'stored'; readonly id: string; readonly text: string }
  /** The answer was lost: it may be stored or not. */
  | { readonly kind: 'unknown'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string; readonly detail: string };

/** A row of the sender's outbox. */
export interface SentRow {
  readonly id: string;
  readonly conversation: string;
  readonly text: string;
  readonly state: OutboxState;
  readonly reply: string | null;
  readonly attempts: number;
  readonly detail: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A row of the receiver's inbox. */
export interface ReceivedRow {
  readonly messageId: string;
  readonly taskId: string;
  readonly text: string;
  readonly state: InboxState;
  readonly turnKey: string;
  readonly detail: string | null;
  readonly updatedAt: number;
}

/** A user row of one of the receiver's sessions. */
export interface UserRow {
  readonly sessionKey: string;
  /** The idempotency key of the turn that it began; null for one that has none. */
  readonly key: string | null;
  /** The gateway's own row with which it resumes a turn after a crash. */
  readonly resumes: boolean;
}

/** A message that was handed to the gateway, by the proxy's log. */
export interface TurnStart {
  readonly taskId: string;
  readonly at: number;
}

/** All that both sides know of the messages one way. */
export interface WayEvidence {
  readonly from: PairedName;
  readonly to: PairedName;
  readonly submitted: readonly Submitted[];
  /** In the order of submission. */
  readonly outbox: readonly SentRow[];
  readonly inbox: readonly ReceivedRow[];
  /** In the order of each session. */
  readonly userRows: readonly UserRow[];
  readonly turnStarts: readonly TurnStart[];
  /** The words that the receiver's model was asked about, one for each call. */
  readonly asked: readonly string[];
}

/** A fault as it happened, by the clock of the machine. */
export interface StruckFault {
  readonly kind: FaultKind;
  readonly stacks: readonly PairedName[];
  /** The blow fell between these two. */
  readonly from: number;
  readonly until: number;
  /** When what was taken away was given back. */
  readonly over: number;
}

export interface Evidence {
  readonly ways: readonly WayEvidence[];
  readonly faults: readonly StruckFault[];
}
