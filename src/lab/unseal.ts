import type Docker from 'dockerode';
import { mustExec } from './exec.ts';
import type { Stack } from './stack.ts';

/**
 * Runs in the proxy's container, where the sealing key is. The database is locked by the proxy, and is read from a copy:
 * opening and closing the file itself in another process would not harm the lock, but SQLite would wait for it.
 */
const READ = `
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createSealer, purposeOf } from '/app/dist/store/sealed.js';
const folder = mkdtempSync('/tmp/tokens-');
for (const file of ['agent-peer.db', 'agent-peer.db-wal'])
  if (existsSync('/data/' + file)) copyFileSync('/data/' + file, folder + '/' + file);
const db = new DatabaseSync(folder + '/agent-peer.db');
const sealer = createSealer(readFileSync('/data/sealing.key'), 'sealing.key');
const read = (sql, purpose) => Object.fromEntries(db.prepare(sql).all()
  .map(({ name, sealed }) => [name, sealer.open(purpose(name), sealed)]));
console.log(JSON.stringify({
  tokens: read('SELECT name, outbound_token AS sealed FROM peers WHERE outbound_token IS NOT NULL', purposeOf.peerToken),
  credentials: read('SELECT name, sealed FROM credentials', purposeOf.credential),
}));
db.close();
rmSync(folder, { recursive: true });`;

/** What a stack keeps sealed. */
export interface Unsealed {
  /** That it presents, by the peer that they are for. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Its device key and token, and its own secret. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** What a thief of the whole volume has: for trying it where it must not work, and looking for it where it must not be. */
export async function unseal(docker: Docker, stack: Stack): Promise<Unsealed> {
  const output = await mustExec(
    docker,
    stack.container('proxy'),
    ['node', '--input-type=module', '--disable-warning=ExperimentalWarning', '-'],
    READ,
  );
  return JSON.parse(output) as Unsealed;
}

export async function tokensOf(docker: Docker, stack: Stack): Promise<Unsealed['tokens']> {
  return (await unseal(docker, stack)).tokens;
}
