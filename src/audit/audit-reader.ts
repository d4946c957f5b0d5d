import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AuditFilter, AuditLine, AuditReader } from '../ports/audit.ts';
import { parseAuditLine } from './audit-line.ts';
import { linesBackwards } from './read-lines.ts';

function parseLine(text: string): AuditLine | null {
  try {
    const line = parseAuditLine(JSON.parse(text), 'line');
    return line.ok ? line.value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Half a line, such as a kill leaves, lacks one of its ends. */
function isWhole(text: string): boolean {
  return text.startsWith('{') && text.endsWith('}');
}

const BEGIN = '{"time":"';

/**
 * Looks for fields in a line as it is written: there is one way to write each, and quotes in a value are escaped.
 * Parsing all of a full log to find a few lines would hold the proxy up for seconds.
 */
function createMatcher({ peer, reason, allowed, messageId, since }: AuditFilter): (text: string) => boolean {
  const fields = Object.entries({ peer, reason, allowed, messageId }).filter(
    ([, value]) => value !== undefined,
  );
  const marks = fields.map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
  const first = since === undefined ? '' : `${BEGIN}${new Date(since).toISOString()}`;
  return (text) => text.slice(0, first.length) >= first && marks.every((mark) => text.includes(mark));
}

interface Read {
  readonly lines: readonly AuditLine[];
  readonly damaged: number;
}

function readLines(files: readonly string[], filter: AuditFilter): Read {
  const lines: AuditLine[] = [];
  const matches = createMatcher(filter);
  let damaged = 0;
  for (const text of linesBackwards(files)) {
    if (text === '' || (isWhole(text) && !matches(text))) continue;
    const line = parseLine(text);
    if (line === null) damaged += 1;
    else lines.push(line);
    if (lines.length === filter.limit) break;
  }
  return { lines, damaged };
}

function unreadable(error: unknown): AgentPeerError {
  const fix = 'Check that the data volume is mounted and that the user the proxy runs as may read it';
  return new AgentPeerError('storage-unavailable', `audit log: ${messageOf(error)}`, fix, { cause: error });
}

/** Damaged lines are left out and told in the operator log, again only when there are more of them. */
export function createAuditReader(files: readonly string[], log: Log): AuditReader {
  let told = 0;
  const read = (filter: AuditFilter): Read => {
    try {
      return readLines(files, filter);
    } catch (error) {
      throw unreadable(error);
    }
  };
  return {
    read: (filter) => {
      const { lines, damaged } = read(filter);
      if (damaged > told) log.warn('audit-lines-damaged', { lines: damaged });
      told = Math.max(told, damaged);
      return lines;
    },
  };
}
