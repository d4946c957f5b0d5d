import {
  appendFileSync,
  closeSync,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

export interface AuditFileLimits {
  /** One file. */
  readonly bytes: number;
  /** All of them, the one that is written to included. */
  readonly files: number;
}

export const AUDIT_FILES: AuditFileLimits = { bytes: 10 * 1024 * 1024, files: 5 };

/** Newest first: `audit.jsonl`, `audit.1.jsonl` and so on. */
export function auditFiles(dataDir: string, { files }: AuditFileLimits): readonly [string, ...string[]] {
  const older = Array.from({ length: files - 1 }, (_, index) => join(dataDir, `audit.${index + 1}.jsonl`));
  return [join(dataDir, 'audit.jsonl'), ...older];
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Each file takes the name of the next older one, the oldest from the end; a gap that a crash left is no matter. */
function rotate(files: readonly string[]): void {
  for (let older = files.length - 1; older > 0; older -= 1) {
    try {
      renameSync(files[older - 1] ?? '', files[older] ?? '');
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() === '\n');
}

export interface AuditAppender {
  /** `line` without its end. Throws what the file system says. */
  append(line: string): void;
}

/**
 * Opens the file for each line: a file that was moved away or deleted under us is simply made again, and there is
 * nothing to close. Not flushed to the disk: what a power cut takes is a few lines of log, and no message waits for it.
 */
export function createAuditAppender(dataDir: string, limits: AuditFileLimits): AuditAppender {
  const files = auditFiles(dataDir, limits);
  const [file] = files;
  let isTidy = false;
  /** A kill or a full disk in the middle of a line left half of one, which must not take the next one with it. */
  const tidy = (fd: number): void => {
    fchmodSync(fd, 0o600);
    if (!endsLine(fd, fstatSync(fd).size)) appendFileSync(fd, '\n');
  };
  const write = (bytes: Buffer): void => {
    const wasTidy = isTidy;
    isTidy = false;
    const fd = openSync(file, 'a+', 0o600);
    try {
      if (!wasTidy) tidy(fd);
      appendFileSync(fd, bytes);
      isTidy = true;
    } finally {
      closeSync(fd);
    }
  };
  return {
    append: (line) => {
      const bytes = Buffer.from(`${line}\n`);
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (size > 0 && size + bytes.length > limits.bytes) rotate(files);
      write(bytes);
    },
  };
}
