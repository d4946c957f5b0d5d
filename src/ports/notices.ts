import type { MessageFacts } from '../core/notice-facts.ts';
import type { NewNotice, NoticeKind } from '../core/notice.ts';

export interface Notice extends NewNotice {
  readonly seq: number;
  readonly createdAt: number;
  /** When the webhook took it; null before that, and for ever when it was given up or there is none. */
  readonly toldAt: number | null;
  /** Attempts of the webhook that failed. */
  readonly attempts: number;
  /** When its cause was gone; null while it is there. */
  readonly overAt: number | null;
}

export interface Notices {
  /** Those whose cause is still there, oldest first. */
  open(): readonly Notice[];
  /** Newest first, those that are over too. */
  list(limit: number): readonly Notice[];
}

export interface NoticeStore extends Notices {
  /** Answers the notice when it is a new one. While one of its kind and subject is open, that one says its text. */
  raise(notice: NewNotice, now: number): Notice | null;
  /** Its cause is gone. */
  over(kind: NoticeKind, subject: string, now: number): void;
  /** Open, and due at `now` for the webhook; oldest first. */
  toTell(now: number): readonly Notice[];
  told(seq: number, now: number): void;
  /** @param nextAttemptAt null: it is given up */
  notTold(seq: number, nextAttemptAt: number | null): void;
  /** Open, and never put into the session; oldest first. */
  toSession(): readonly Notice[];
  /** @param at null: it was not put there after all */
  putIntoSession(notices: readonly Notice[], at: number | null): void;
  /** When the last one was; null for never. */
  lastIntoSession(): number | null;
  /** What of the messages needs a person, counted; of what has ended, since this instant. */
  messages(endedSince: number): MessageFacts;
}

/** What takes a notice out of this stack. */
export interface NoticeWebhook {
  /** Null when it was taken, else what came of it. Never throws for what the network or the other side does. */
  tell(notice: Pick<Notice, 'kind' | 'text'>, signal: AbortSignal): Promise<string | null>;
}
