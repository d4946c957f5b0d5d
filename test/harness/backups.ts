import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Encrypter } from 'age-encryption';
import { packTar } from 'modern-tar';
import { onTestFinished } from 'vitest';
import { FORMAT } from '../../src/backup/format.ts';
import { writeBackup } from '../../src/backup/write-backup.ts';
import { createLog } from '../../src/log.ts';
import type { Clock } from '../../src/ports/machine.ts';
import { SCHEMA } from '../../src/store/migrations.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { systemClock } from '../../src/system.ts';
import { runCli, type CliRun } from './run-cli.ts';
import { tempFolder } from './temp-folder.ts';

/** Guessed in no time, and so fit for tests alone. */
const QUICK = 4;

export const PASSPHRASE = 'correct horse battery staple';

/** The store of a data folder as the proxy opens it; closed when the test is over, if not before. */
export function openFolder(dataDir: string, clock: Clock = systemClock): Store {
  const keyFile = join(dataDir, 'sealing.key');
  const store = openStore({ dataDir, keyFile, clock, log: createLog(() => undefined) });
  let open = true;
  const close = (): void => {
    if (open) store.close();
    open = false;
  };
  onTestFinished(close);
  return { ...store, close };
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What `agent-peer backup` writes, without a proxy. */
export async function backupOf(store: Store, dataDir: string, over: object = {}): Promise<Buffer> {
  const takenAt = new Date().toISOString();
  const manifest = { format: FORMAT, agentPeer: '9.9.9', schema: SCHEMA, nodeId: 'nalice', takenAt, ...over };
  const key = readFileSync(join(dataDir, 'sealing.key'));
  const database = await store.snapshots.take();
  return bytesOf(await writeBackup({ manifest: manifest as never, key, database }, PASSPHRASE, QUICK));
}

interface Part {
  readonly name: string;
  readonly data: string | Uint8Array;
}

const MANIFEST = {
  format: FORMAT,
  agentPeer: '9.9.9',
  schema: SCHEMA,
  nodeId: null,
  takenAt: '2026-01-01T00:00:00.000Z',
};

/** What a backup is made of, with something that is no database. */
export const PARTS: readonly Part[] = [
  { name: 'manifest.json', data: JSON.stringify(MANIFEST) },
  { name: 'sealing.key', data: Buffer.alloc(32) },
  { name: 'agent-peer.db', data: 'no database' },
];

export function packed(parts: readonly Part[]): Promise<Uint8Array> {
  const body = ({ data }: Part) => Buffer.from(data);
  return packTar(
    parts.map((part) => ({ header: { name: part.name, size: body(part).length }, body: body(part) })),
  );
}

export async function encrypted(plain: Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(QUICK);
  encrypter.setPassphrase(PASSPHRASE);
  return encrypter.encrypt(await plain);
}

/** A file that holds these bytes, and one that holds the passphrase. */
export function writeParts(bytes: Uint8Array, passphrase = PASSPHRASE) {
  const folder = tempFolder();
  const [file, passphraseFile] = [join(folder, 'backup.age'), join(folder, 'passphrase')];
  writeFileSync(file, bytes);
  writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  return { file, passphraseFile };
}

/** `agent-peer restore`, without being asked. */
export function restoreInto(dataDir: string, bytes: Uint8Array, passphrase = PASSPHRASE): Promise<CliRun> {
  const { file, passphraseFile } = writeParts(bytes, passphrase);
  const args = ['restore', file, '--passphrase-file', passphraseFile, '--yes', '--json'];
  return runCli(args, { env: { AGENT_PEER_DATA_DIR: dataDir } });
}
