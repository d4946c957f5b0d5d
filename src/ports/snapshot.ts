import type { Readable } from 'node:stream';

/** A copy of the whole database as it was at one instant; nothing of it stays behind when `bytes` is read or destroyed. */
export interface Snapshot {
  readonly bytes: Readable;
  readonly size: number;
}

export interface Snapshots {
  /** The proxy goes on with its work meanwhile. Throws AgentPeerError `storage-unavailable`. */
  take(): Promise<Snapshot>;
}
