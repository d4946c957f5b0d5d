import type { Command } from 'commander';
import { FORMAT, type Manifest } from '../../backup/format.ts';
import { mustLoadConfig } from '../../config/env.ts';
import { AgentPeerError } from '../../errors.ts';
import type { StatusView } from '../../local-server/routes/status.ts';
import { loadKeyFile } from '../../store/key-file.ts';
import { SCHEMA } from '../../store/migrations.ts';
import { backupTarget, type Target } from '../backup-target.ts';
import type { Api } from '../api.ts';
import { verb, type Cli } from '../command.ts';
import { unreachable } from '../http.ts';
import { newPassphrase } from '../new-passphrase.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';

interface Options extends PrintOptions {
  readonly passphraseFile?: string;
}

/** From before the copy is begun, so that whatever it lacks is from later. */
async function manifestNow(api: Api): Promise<Manifest> {
  const { version, node } = await api.get<StatusView>('/status');
  const takenAt = new Date().toISOString();
  return { format: FORMAT, agentPeer: version, schema: SCHEMA, nodeId: node?.nodeId ?? null, takenAt };
}

interface Making {
  readonly api: Api;
  readonly key: Uint8Array;
  readonly manifest: Manifest;
  readonly passphrase: string;
}

async function writeTo(target: Target, { api, key, manifest, passphrase }: Making): Promise<void> {
  // Loaded when it is needed: the other commands would wait for it at each start.
  const { writeBackup } = await import('../../backup/write-backup.ts');
  const database = await api.open('/snapshot');
  let broken: unknown = null;
  database.bytes.on('error', (error) => (broken = error));
  try {
    await target.write(await writeBackup({ manifest, key, database }, passphrase));
  } catch (error) {
    throw broken === null ? error : unreachable('the proxy broke off in the middle of its database', broken);
  }
}

async function backup(cli: Cli, file: string, { passphraseFile, json }: Options): Promise<Outcome> {
  if (file === '-' && json === true)
    throw new AgentPeerError('input-invalid', '--json and - both want stdout', 'Leave one of them out');
  const target = backupTarget(cli.io, file);
  const key = loadKeyFile(mustLoadConfig(cli.io.env).keyFile, true);
  const api = cli.connect();
  const passphrase = await newPassphrase(cli.io, passphraseFile);
  const manifest = await manifestNow(api);
  const making = { api, key, manifest, passphrase };
  await cli.progress.during('writing the backup', () => writeTo(target, making));
  const note = `Backed up to ${target.name}, as of ${manifest.takenAt}. Without its passphrase nobody can open it, you neither.`;
  return { json: { file, ...manifest }, text: '', note };
}

export function addBackup(program: Command, cli: Cli): void {
  verb(program, 'backup', 'write all of this stack into one encrypted file, while it goes on')
    .argument('<file>', 'a new file, or - for stdout')
    .option('--passphrase-file <path>', 'file with the passphrase; otherwise it is typed, or read from stdin')
    .action((file: string, options: Options) => cli.perform(options, () => backup(cli, file, options)));
}
