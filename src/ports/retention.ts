/** What the disk holds of the messages that are over, and how it gets room again. Each call is small. */
export interface RetentionStore {
  /**
   * Erases what was said in the oldest messages that were over at `before`, `limit` of them at most, in one transaction.
   * Never a reply that its sender may still ask for. The rows stay.
   * @returns how many
   */
  erase(before: number, now: number, limit: number): number;
  /** Deletes rows that were erased at `before` or earlier, `limit` of them at most. How many it were. */
  forget(before: number, limit: number): number;
  /** Bytes of the database file: those that hold something, and those that are free in it. */
  room(): { readonly used: number; readonly free: number };
  /** Gives some of the free room back to the disk. */
  shrink(): void;
}
