/** What two audit logs are compared by. An AuditLine is one. */
export interface ComparedLine {
  /** ISO 8601. */
  readonly time: string;
  readonly direction: 'inbound' | 'outbound';
  readonly operation: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly peer: string | null;
  readonly messageId: string | null;
  readonly textDigest: string | null;
}

/** Part of an audit log without gaps, in any order. */
export interface AuditExtract {
  /** Whose messages are compared, by the name that they have in this log. */
  readonly peer: string | null;
  readonly lines: readonly ComparedLine[];
  /** ISO 8601: up to then it has everything. Null: up to its newest line. */
  readonly readAt: string | null;
}

/** What one log has about one message. */
export interface Trace {
  at: number;
  readonly digests: Set<string | null>;
  readonly admitted: boolean;
  readonly reason: string;
}
export type Traces = ReadonlyMap<string, Trace>;

/** The id of the message that this line says was sent, or offered to the receiver. */
export function sentId(line: ComparedLine): string | null {
  const { direction, operation, allowed, messageId } = line;
  return direction === 'outbound' && operation === 'message-submit' && allowed ? messageId : null;
}

export function receivedId({ direction, operation, messageId }: ComparedLine): string | null {
  return direction === 'inbound' && operation === 'message-send' ? messageId : null;
}

/**
 * What was refused counts only where nothing was admitted: another text under the id of an admitted message is an
 * attempt, and says nothing about that message.
 */
export function traces({ lines, peer }: AuditExtract, idOf: (line: ComparedLine) => string | null): Traces {
  const found = new Map<string, Trace>();
  for (const line of lines) {
    const id = idOf(line);
    if (id === null || line.peer !== peer) continue;
    const { allowed: admitted, reason, textDigest } = line;
    const at = Date.parse(line.time);
    const known = found.get(id);
    if (known?.admitted === admitted) {
      known.at = Math.min(known.at, at);
      known.digests.add(textDigest);
    } else if (known === undefined || admitted) {
      found.set(id, { at, digests: new Set([textDigest]), admitted, reason });
    }
  }
  return found;
}
