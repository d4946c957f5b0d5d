import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Manifest } from '../../backup/format.ts';
import type { ReadBackup } from '../../backup/read-backup.ts';
import { mustLoadConfig } from '../../config/env.ts';
import { AgentPeerError } from '../../errors.ts';
import type { Replaced, Replacement } from '../../store/replace.ts';
import { fileError } from '../../store/storage-errors.ts';
import { systemClock } from '../../system.ts';
import { verb, type Cli } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Io } from '../io.ts';
import { knownPassphrase } from '../new-passphrase.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

interface Options extends PrintOptions {
  readonly passphraseFile?: string;
  readonly yes?: true;
}

function sourceOf(io: Io, file: string, passphraseFile: string | undefined): Readable {
  if (file !== '-') return createReadStream(file);
  if (passphraseFile !== undefined) return io.stdin;
  const what = 'the backup comes from stdin, so the passphrase cannot';
  throw new AgentPeerError('input-invalid', what, 'Name a file with --passphrase-file');
}

async function begin(io: Io): Promise<Replacement> {
  // Loaded when it is needed, as below: the other commands would wait for it at each start.
  const { beginReplacement } = await import('../../store/replace.ts');
  try {
    return beginReplacement(mustLoadConfig(io.env), systemClock);
  } catch (error) {
    if (!(error instanceof AgentPeerError) || error.code !== 'storage-locked') throw error;
    const fix = 'Run docker compose stop proxy, then this with docker compose run; see docs/backup.md';
    throw new AgentPeerError('storage-locked', 'the proxy runs, and has the database', fix, { cause: error });
  }
}

/** Told apart by what was done: the backup is read, the data folder is written. */
function fileTrouble(error: unknown, file: string, into: string): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return error;
  if (syscall === 'write' || syscall === 'fsync') return fileError(into, 'written', error);
  const what = `${file} cannot be read (${code})`;
  return new AgentPeerError(
    'input-invalid',
    what,
    'Is it mounted, and may the user of the container read it?',
  );
}

async function unpack(source: Readable, file: string, passphrase: string, into: string): Promise<ReadBackup> {
  const { readBackup } = await import('../../backup/read-backup.ts');
  const handle = await open(into, 'a');
  try {
    return await readBackup(source, passphrase, (bytes) => handle.appendFile(bytes));
  } catch (error) {
    throw fileTrouble(error, file, into);
  } finally {
    await handle.close();
  }
}

const from = ({ takenAt, nodeId, agentPeer }: Manifest) =>
  `the backup of ${takenAt}${nodeId === null ? '' : `, node ${nodeId}`}, agent-peer ${agentPeer}`;

function wordsOf(
  manifest: Manifest,
  { paused, revoked, uncertain, former, formerWasRead }: Replaced,
): string {
  const lines = [`Restored ${from(manifest)}.`];
  if (paused.length > 0)
    lines.push(
      `Paused: ${paused.join(', ')}. Nothing goes to them or comes from them until you have looked at each (agent-peer peers`,
      'list, agent-peer aliases list) and said so: agent-peer peers confirm <name>',
    );
  if (revoked.length > 0) lines.push(`Revoked: ${revoked.join(', ')}. To have one back, pair with it again.`);
  const { outbox, inbox } = uncertain;
  if (outbox + inbox > 0)
    lines.push(`Messages that were open are uncertain now: ${outbox} to peers, ${inbox} from peers.`);
  if (!formerWasRead)
    lines.push(
      'The database that was there could not be read. Peers that you revoked since the backup are paused like all others:',
      'do not confirm those.',
    );
  if (former !== null)
    lines.push(
      `What was there is kept as ${former} until the next restore. It is as secret as the data volume.`,
    );
  return [...lines, 'Start the proxy: docker compose up -d proxy'].join('\n');
}

async function restore(
  { io, progress }: Cli,
  file: string,
  { passphraseFile, yes }: Options,
): Promise<Outcome> {
  const source = sourceOf(io, file, passphraseFile);
  // Told when it is read.
  source.on('error', () => undefined);
  const replacement = await begin(io);
  try {
    const passphrase = await knownPassphrase(io, passphraseFile);
    const { manifest, key } = await progress.during('reading the backup', () =>
      unpack(source, file, passphrase, replacement.file),
    );
    if (yes !== true) await confirm(io, `Replace the database of this stack by ${from(manifest)}?`);
    const replaced = replacement.finish({ key, takenAt: Date.parse(manifest.takenAt) });
    const { paused, revoked, uncertain, former, formerWasRead } = replaced;
    const json = { backup: manifest, paused, revoked, uncertain, former, formerWasRead };
    return { json, text: '', note: wordsOf(manifest, replaced) };
  } finally {
    source.destroy();
    replacement.close();
  }
}

export function addRestore(program: Command, cli: Cli): void {
  verb(program, 'restore', 'put a backup in the place of the database; the proxy must be stopped')
    .argument('<file>', 'the backup, or - for stdin')
    .option('--passphrase-file <path>', 'file with the passphrase; otherwise it is typed, or read from stdin')
    .option('--yes', 'do not ask')
    .action((file: string, options: Options) => cli.perform(options, () => restore(cli, file, options)));
}
