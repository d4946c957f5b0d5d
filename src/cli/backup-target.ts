import { createWriteStream, existsSync, fchmodSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AgentPeerError } from '../errors.ts';
import { syncFolder } from '../store/key-file.ts';
import type { Io } from './io.ts';

/** Where a backup goes: all of it, or nothing. */
export interface Target {
  readonly name: string;
  write(bytes: Readable): Promise<void>;
}

const unusable = (what: string, fix: string) => new AgentPeerError('input-invalid', what, fix);

function toStdout({ stdout }: Io): Target {
  if (stdout.isTTY) throw unusable('a backup is nothing for a terminal', 'Send stdout to a file');
  return { name: 'stdout', write: (bytes) => pipeline(bytes, stdout, { end: false }) };
}

function checkAbsent(file: string): void {
  if (existsSync(file)) throw unusable(`${file} is there already`, 'Name a file that is not');
}

function openPart(part: string): number {
  const descriptor = openSync(part, 'w', 0o600);
  // One that was left over keeps the mode that it had.
  fchmodSync(descriptor, 0o600);
  return descriptor;
}

/** Written under another name, on the disk before it gets its own. */
async function writeFile(file: string, bytes: Readable): Promise<void> {
  const part = `${file}.part`;
  const descriptor = openPart(part);
  try {
    await pipeline(bytes, createWriteStream(part, { fd: descriptor, flush: true }));
    checkAbsent(file);
    renameSync(part, file);
    syncFolder(dirname(file));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function toFile(file: string): Target {
  checkAbsent(file);
  return {
    name: file,
    write: async (bytes) => {
      try {
        await writeFile(file, bytes);
      } catch (error) {
        const { syscall, code } = error as NodeJS.ErrnoException;
        if (syscall === undefined || syscall === 'read') throw error;
        throw unusable(
          `${file} cannot be written (${code ?? 'unknown error'})`,
          'Name a place with room that is yours',
        );
      }
    },
  };
}

/** Throws AgentPeerError `input-invalid` before there is anything to write. */
export function backupTarget(io: Io, file: string): Target {
  return file === '-' ? toStdout(io) : toFile(file);
}
