import { Readable } from 'node:stream';
import { Encrypter } from 'age-encryption';
import { createTarPacker } from 'modern-tar';
import { ENTRIES, type Manifest } from './format.ts';

/**
 * 64 MiB and a third of a second for each guess; age's own 2^18 would take 256 MiB, which a small container does not have.
 */
const SCRYPT_LOG_N = 16;

export interface BackupContent {
  readonly manifest: Manifest;
  readonly key: Uint8Array;
  readonly database: { readonly bytes: Readable; readonly size: number };
}

type Packer = ReturnType<typeof createTarPacker>['controller'];

async function addBytes(packer: Packer, name: string, bytes: Uint8Array): Promise<void> {
  const writer = packer.add({ name, size: bytes.length, mode: 0o600, type: 'file' }).getWriter();
  await writer.write(bytes);
  await writer.close();
}

async function pack(packer: Packer, { manifest, key, database }: BackupContent): Promise<void> {
  const { bytes, size } = database;
  try {
    await addBytes(packer, ENTRIES.manifest, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await addBytes(packer, ENTRIES.key, key);
    const entry = packer.add({ name: ENTRIES.database, size, mode: 0o600, type: 'file' });
    await (Readable.toWeb(bytes) as ReadableStream<Uint8Array>).pipeTo(entry);
    packer.finalize();
  } catch (error) {
    bytes.destroy();
    packer.error(error);
  }
}

/** The bytes of a backup, made while they are read. What goes wrong with the database's bytes ends the stream with it. */
export async function writeBackup(
  content: BackupContent,
  passphrase: string,
  scryptLogN = SCRYPT_LOG_N,
): Promise<Readable> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(scryptLogN);
  encrypter.setPassphrase(passphrase);
  const { readable, controller } = createTarPacker();
  const encrypted = await encrypter.encrypt(readable);
  void pack(controller, content);
  return Readable.fromWeb(encrypted as Parameters<typeof Readable.fromWeb>[0]);
}
