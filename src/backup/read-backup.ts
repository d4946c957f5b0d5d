import { Decrypter } from 'age-encryption';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { AgentPeerError, messageOf } from '../errors.ts';
import {
  AGE_MAGIC,
  ENTRIES,
  KEY_BYTES,
  MANIFEST_LIMIT_BYTES,
  readManifest,
  unreadable,
  type Manifest,
} from './format.ts';

export interface ReadBackup {
  readonly manifest: Manifest;
  readonly key: Uint8Array;
}

/** Takes the database's bytes, in order. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

const ORDER = Object.values(ENTRIES);

const otherFiles = () =>
  unreadable('it is no backup of agent-peer: it holds other files', 'Name another file');

const damaged = (cause: unknown) =>
  unreadable(
    'the backup is damaged or was cut: it does not open to its end',
    'Take another copy of it, or an older backup',
    cause,
  );

async function collect(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > limit)
      throw unreadable('it is no backup of agent-peer: a part is too long', 'Name another file');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function readKey(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const key = await collect(body, KEY_BYTES);
  if (key.length === KEY_BYTES) return key;
  throw unreadable('it is no backup of agent-peer: its key has another length', 'Name another file');
}

async function readEntries(
  entries: AsyncIterable<ParsedTarEntry>,
  takeDatabase: TakeBytes,
): Promise<ReadBackup> {
  let manifest: Manifest | null = null;
  let key: Uint8Array | null = null;
  let count = 0;
  for await (const { header, body } of entries) {
    if (header.type !== 'file' || header.name !== ORDER[count]) throw otherFiles();
    count += 1;
    if (header.name === ENTRIES.manifest)
      manifest = readManifest(Buffer.from(await collect(body, MANIFEST_LIMIT_BYTES)).toString('utf8'));
    else if (header.name === ENTRIES.key) key = await readKey(body);
    else for await (const bytes of body) await takeDatabase(bytes);
  }
  if (manifest !== null && key !== null && count === ORDER.length) return { manifest, key };
  throw otherFiles();
}

/** Throws AgentPeerError `backup-unreadable` when it does not begin as an age file does. */
async function checkMagic(source: AsyncIterable<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < AGE_MAGIC.length) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  if (!head.subarray(0, AGE_MAGIC.length).equals(Buffer.from(AGE_MAGIC)))
    throw unreadable('it is no backup of agent-peer, nor anything that age encrypted', 'Name another file');
  const rest = async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return ReadableStream.from(rest());
}

async function decrypt(
  source: ReadableStream<Uint8Array>,
  passphrase: string,
): Promise<ReadableStream<Uint8Array>> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(source);
  } catch (error) {
    if (!messageOf(error).includes('no identity matched')) throw damaged(error);
    const what = 'the passphrase does not open this backup';
    throw new AgentPeerError('passphrase-refused', what, 'Is it the one that this backup was taken with?');
  }
}

/**
 * Reads a backup to its end: only then is it sure that nothing in it was changed. What `takeDatabase` was given counts
 * for nothing when this throws. Throws AgentPeerError `passphrase-refused`, `backup-unreadable`, and
 * what the file system says.
 */
export async function readBackup(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  takeDatabase: TakeBytes,
): Promise<ReadBackup> {
  const plain = await decrypt(await checkMagic(source), passphrase);
  const decoder = createTarDecoder({ strict: true });
  const toItsEnd = plain.pipeTo(decoder.writable);
  // Told by the other one as well, and more plainly.
  toItsEnd.catch(() => undefined);
  try {
    const read = await readEntries(decoder.readable, takeDatabase);
    await toItsEnd;
    return read;
  } catch (error) {
    const isFileSystems = error instanceof Error && 'syscall' in error;
    throw error instanceof AgentPeerError || isFileSystems ? error : damaged(error);
  }
}
