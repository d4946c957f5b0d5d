import type { InboxMessage, OutboxMessage } from './messages.ts';

/** How a message stands since the instant of its last change. `seq` tells those of one instant apart. */
export type Change =
  | { readonly direction: 'outbound'; readonly seq: number; readonly message: OutboxMessage }
  | { readonly direction: 'inbound'; readonly seq: number; readonly message: InboxMessage };

/** How far somebody was told: of the instant `at`, the rows up to these; of all before it, everything. */
export interface ChangeMark {
  readonly at: number;
  readonly outbound: number;
  readonly inbound: number;
}

export interface ChangeStore {
  /** Oldest first, ours before theirs within one instant; none of later than `until`. */
  after(mark: ChangeMark, until: number, limit: number): readonly Change[];
}

export interface Changes {
  /** The cursor of somebody who wants to be told what comes from now on. */
  now(): string;
  /**
   * What has changed since, and the cursor behind it; waits up to `waitMs` for the first change. A message that changed more
   * than once meanwhile is told once, as it stands. Throws AgentPeerError `input-invalid` for what is no cursor.
   */
  since(
    cursor: string,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly changes: readonly Change[]; readonly cursor: string }>;
}
