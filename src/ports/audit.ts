import type { Operation } from '../core/decision.ts';
import type { NodeId, PeerName } from '../core/peer.ts';

/** Where a decision was asked for. `socket`: bytes that never became a request. */
export type Surface = 'a2a' | 'tools-invoke' | 'agent-card' | 'health' | 'pair' | 'socket' | 'local';

export interface AuditEntry {
  /** `inbound`: a peer asked something of us. `outbound`: somebody on this machine wanted something of a peer. */
  readonly direction: 'inbound' | 'outbound';
  readonly surface: Surface;
  readonly operation: Operation | 'unknown';
  readonly allowed: boolean;
  /**
   * `accepted`, `repeated`, `cancelled` or `allowed` (to read); `hold-approved`, `hold-released` or `hold-refused` by the
   * owner; or the reason of the refusal. `several` on a line that counts kinds of decisions too many to be told apart.
   */
  readonly reason: string;
  readonly peer: PeerName | null;
  readonly nodeId: NodeId | null;
  readonly alias: string | null;
  readonly messageId: string | null;
  /** SHA-256 of the text, never the text. The same on both machines. */
  readonly textDigest: string | null;
}

/** One line of the audit log. `skipped`: refusals like this one that were counted and not written since the last such line. */
export type AuditLine = AuditEntry & { readonly time: string; readonly skipped: number };

export interface AuditLog {
  /** Never throws: what cannot be written is told in the operator log. */
  record(entry: AuditEntry): void;
}

export interface AuditFilter {
  readonly peer?: string;
  readonly reason?: string;
  readonly allowed?: boolean;
  readonly messageId?: string;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly limit: number;
}

export interface AuditReader {
  /** Newest first. Throws AgentPeerError `storage-unavailable`. */
  read(filter: AuditFilter): readonly AuditLine[];
}
