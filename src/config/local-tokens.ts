import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AgentPeerError, fromProblem, messageOf } from '../errors.ts';
import type { Config } from './env.ts';
import { readSecretFile } from './secret-file.ts';

/** Bearer tokens of the loopback API, by role. */
export interface LocalTokens {
  readonly owner: string;
  readonly agent: string;
}

const FILES = {
  owner: { name: 'owner-token', prefix: 'apo_' },
  agent: { name: 'agent-token', prefix: 'apa_' },
} as const;
type Role = keyof typeof FILES;

export function localTokenFile(dataDir: string, role: Role): string {
  return join(dataDir, FILES[role].name);
}

/** Written beside and renamed, so that a crash never leaves half a token. */
function makeTokenFile(path: string, prefix: string): string {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  const beside = `${path}.new`;
  try {
    const file = openSync(beside, 'w', 0o600);
    writeSync(file, `${token}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(beside, path);
  } catch (error) {
    throw new AgentPeerError(
      'storage-unavailable',
      `cannot write ${path}: ${messageOf(error)}`,
      'Check the owner and the free space of the data directory',
      { cause: error },
    );
  }
  return token;
}

function openOne(dataDir: string, role: Role): string {
  const path = localTokenFile(dataDir, role);
  if (!existsSync(path)) return makeTokenFile(path, FILES[role].prefix);
  const read = readSecretFile(path, `${role} token`);
  if (!read.ok) throw fromProblem('config-invalid', read.problem);
  return read.value;
}

/**
 * The tokens that were configured, or those in the data directory, made at first start with mode 0600.
 * Throws AgentPeerError `config-invalid`, `storage-unavailable`.
 */
export function openLocalTokens(config: Pick<Config, 'dataDir' | 'ownerToken' | 'agentToken'>): LocalTokens {
  return {
    owner: config.ownerToken?.reveal() ?? openOne(config.dataDir, 'owner'),
    agent: config.agentToken?.reveal() ?? openOne(config.dataDir, 'agent'),
  };
}
