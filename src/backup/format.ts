import { z } from 'zod';
import { AgentPeerError } from '../errors.ts';

/**
 * A backup is an age file (https://age-encryption.org/v1) with a passphrase, and in it a tar of these, in this order. Any
 * `age` and any `tar` open it.
 */
export const ENTRIES = { manifest: 'manifest.json', key: 'sealing.key', database: 'agent-peer.db' } as const;

export const FORMAT = 1;
export const KEY_BYTES = 32;
export const MANIFEST_LIMIT_BYTES = 64 * 1024;
export const AGE_MAGIC = 'age-encryption.org/v1\n';

/** What is told of a backup before it is put in place. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly agentPeer: string;
  readonly schema: number;
  /** The node that it was taken on; null when the tailnet could not be asked. */
  readonly nodeId: string | null;
  /** ISO 8601. Nothing in the database is from before that and missing. */
  readonly takenAt: string;
}

const manifest = z.object({
  format: z.literal(FORMAT),
  agentPeer: z.string().max(64),
  schema: z.int().min(1),
  nodeId: z.string().max(64).nullable(),
  takenAt: z.iso.datetime(),
});
const anyFormat = z.object({ format: z.int().min(1) });

export function unreadable(what: string, fix: string, cause?: unknown): AgentPeerError {
  return new AgentPeerError('backup-unreadable', what, fix, { cause });
}

/** Throws AgentPeerError `backup-unreadable`. */
export function readManifest(text: string): Manifest {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Told below, like JSON that is no manifest.
  }
  const format = anyFormat.safeParse(json).data?.format ?? 0;
  if (format > FORMAT) {
    const what = `the backup has format ${format}, newer than the ${FORMAT} that this version of agent-peer knows`;
    throw unreadable(what, 'Use the version that took it, or a later one');
  }
  const read = manifest.safeParse(json);
  if (read.success) return read.data;
  throw unreadable('it is no backup of agent-peer: its manifest makes no sense', 'Name another file');
}
