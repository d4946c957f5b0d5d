import { createSampling, SAMPLING, type SampledLine, type SamplingLimits } from '../core/audit-sampling.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AuditEntry, AuditLine, AuditLog, AuditReader } from '../ports/audit.ts';
import type { Clock } from '../ports/machine.ts';
import { AUDIT_FILES, auditFiles, createAuditAppender, type AuditFileLimits } from './audit-files.ts';
import { lineOf, severalOf } from './audit-line.ts';
import { createAuditReader } from './audit-reader.ts';

export interface AuditLogOptions {
  /** The log is `audit.jsonl` in it. */
  readonly dataDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly limits?: Partial<AuditFileLimits & SamplingLimits>;
}

export interface OpenAuditLog extends AuditLog, AuditReader {
  /** Writes what was only counted so far. */
  close(): void;
}

function lineFor({ decision, at, skipped, several }: SampledLine<AuditEntry>): AuditLine {
  return lineOf(several ? severalOf(decision) : decision, at, skipped);
}

/** Writes to the file, whose failure is told once, and once more when it is over: a full disk must not fill a log. */
function createFileWriter(
  { dataDir, log }: AuditLogOptions,
  limits: AuditFileLimits,
): (line: AuditLine) => void {
  const appender = createAuditAppender(dataDir, limits);
  let lost = 0;
  return (line) => {
    try {
      appender.append(JSON.stringify(line));
    } catch (error) {
      if (lost === 0) log.error('audit-not-written', { error: messageOf(error) });
      lost += 1;
      return;
    }
    if (lost > 0) log.warn('audit-written-again', { lost });
    lost = 0;
  };
}

/**
 * The record of every decision about a peer, in two places: the operator log (`event: decision`), and rotated files
 * that the owner can search. One that the file cannot take is still in the other. Nothing waits for it and nothing
 * fails because of it.
 */
export function createAuditLog(options: AuditLogOptions): OpenAuditLog {
  const { dataDir, log, clock } = options;
  const limits = { ...AUDIT_FILES, ...SAMPLING, ...options.limits };
  const sampling = createSampling<AuditEntry>(limits);
  const toFile = createFileWriter(options, limits);
  const reader = createAuditReader(auditFiles(dataDir, limits), log);
  const write = (lines: readonly SampledLine<AuditEntry>[]): void => {
    for (const line of lines.map(lineFor)) {
      log.info('decision', { ...line });
      toFile(line);
    }
  };
  return {
    record: (entry) => write(sampling.take(entry, clock.now())),
    read: (filter) => {
      write(sampling.ended(clock.now()));
      return reader.read(filter);
    },
    close: () => write(sampling.rest()),
  };
}
