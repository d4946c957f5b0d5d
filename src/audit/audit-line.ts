import { z } from 'zod';
import { parsed, problem, type Parsed } from '../core/parsed.ts';
import type { AuditEntry, AuditLine } from '../ports/audit.ts';

/** As long as the longest message id. */
const FIELD_LENGTH = 128;

/**
 * An id or an alias may be anything that a peer wrote before it was checked. In the log it is short and plain ASCII: no
 * line that the peer made up, no escape sequence for the terminal, nothing that looks like what it is not.
 */
function printable<T extends string | null>(raw: T): T {
  if (raw === null) return raw;
  const begin = raw.slice(0, FIELD_LENGTH + 1);
  const plain = begin.replaceAll(/[^\x20-\x7e]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
  return (plain.length > FIELD_LENGTH ? `${plain.slice(0, FIELD_LENGTH - 1)}~` : plain) as T;
}

/** Field by field: whatever else an entry carries must not come into the log by itself. */
export function lineOf(entry: AuditEntry, at: number, skipped: number): AuditLine {
  return {
    time: new Date(at).toISOString(),
    direction: entry.direction,
    surface: entry.surface,
    operation: entry.operation,
    allowed: entry.allowed,
    reason: printable(entry.reason),
    peer: printable(entry.peer),
    nodeId: printable(entry.nodeId),
    alias: printable(entry.alias),
    messageId: printable(entry.messageId),
    textDigest: printable(entry.textDigest),
    skipped,
  };
}

/** For a count of more kinds than are told apart: it says of nobody that all of it was theirs. */
export function severalOf({ direction, surface }: AuditEntry): AuditEntry {
  const nobody = { peer: null, nodeId: null, alias: null, messageId: null, textDigest: null };
  return { direction, surface, operation: 'unknown', allowed: false, reason: 'several', ...nobody };
}

const field = z
  .string()
  .regex(/^[\x20-\x7e]*$/, 'is not printable ASCII')
  .max(FIELD_LENGTH);
/** Any word, for the lists grow: a line of another version must still be read. */
const word = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not a word');

const auditLine = z.object({
  time: z.iso.datetime(),
  direction: z.enum(['inbound', 'outbound']),
  surface: word,
  operation: word,
  allowed: z.boolean(),
  reason: word,
  peer: field.nullable(),
  nodeId: field.nullable(),
  alias: field.nullable(),
  messageId: field.nullable(),
  textDigest: field.nullable(),
  skipped: z.int().min(0),
});

/** A line that was read back, from our log or another owner's. */
export function parseAuditLine(raw: unknown, where: string): Parsed<AuditLine> {
  const read = auditLine.safeParse(raw);
  if (read.success) return parsed(read.data as AuditLine);
  const issues = read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  return problem(where, `not a line of an audit log: ${issues.join('; ')}`, 'Take the log as it was written');
}
