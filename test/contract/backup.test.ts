/**
 * `agent-peer backup` writes all of a stack into one file, while the stack goes on.
 *
 * - Each backup is the database as it was at one instant, however much is written meanwhile, and the proxy goes on
 *   answering.
 * - It is encrypted as a whole, in the command, with a passphrase that goes nowhere. No text and no secret is in its bytes.
 * - It is a whole backup or none: a file that is there is never touched, and a failure leaves nothing behind.
 * - Any age and any tar open it. The key is in the file, and is no answer of the API.
 */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Decrypter } from 'age-encryption';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backupOf, openFolder, PASSPHRASE, restoreInto, writeParts } from '../harness/backups.ts';
import { startFakeLocalApi, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { ask } from '../harness/local-stack.ts';
import { printSize } from '../harness/print-size.ts';
import { runCli, spawnCli } from '../harness/run-cli.ts';
import { freePort, startMain } from '../harness/run-main.ts';
import { BOB, sampleInbound, sampleOutboundGrant, samplePeer } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TOKEN = 'apt_our-token-for-bob-that-nobody-may-see';
const TEXT = 'the words of a peer, for nobody else';

function fill(dataDir: string): void {
  const store = openFolder(dataDir);
  store.peers.addPeer(samplePeer());
  store.peers.putOutboundToken(BOB, TOKEN);
  store.peers.putGrant(sampleOutboundGrant());
  store.inbox.accept(sampleInbound('in-1', { text: TEXT }));
  store.close();
}

function filled(): string {
  const dataDir = tempFolder();
  fill(dataDir);
  return dataDir;
}

/** The whole proxy in a process of its own, with a peer that cannot be reached. */
async function running(dataDir = filled()) {
  const localApi = await startFakeLocalApi(tailnetState(tailnetNode('nalice', '127.0.0.1'), []));
  onTestFinished(() => localApi.close());
  const port = await freePort();
  const env = {
    AGENT_PEER_DATA_DIR: dataDir,
    AGENT_PEER_PORT: String(await freePort()),
    AGENT_PEER_LOCAL_PORT: String(port),
    AGENT_PEER_GATEWAY_URL: `ws://127.0.0.1:${await freePort()}`,
    AGENT_PEER_TAILSCALE_SOCKET: localApi.socketPath,
  };
  const main = startMain(env);
  await main.line(({ event }) => event === 'started');
  const tokenOf = (role: string) => readFileSync(join(dataDir, `${role}-token`), 'utf8').trim();
  return { dataDir, env, port, main, owner: tokenOf('owner'), agent: tokenOf('agent') };
}

const secretFile = (passphrase = PASSPHRASE) => writeParts(Buffer.alloc(0), passphrase).passphraseFile;
const newFile = () => join(tempFolder(), 'backup.age');

describe('a backup of a proxy that runs', () => {
  it('is of one instant each time, while messages come in, and the proxy goes on', async () => {
    const { env, port, owner } = await running();
    const told: string[] = [];
    const send = async (): Promise<void> => {
      const body = { peer: 'bob', alias: 'inbox', text: `${told.length} ${'x'.repeat(2000)}` };
      const { status, json } = await ask(port, '/api/v1/messages', { method: 'POST', token: owner, body });
      expect(status).toBe(202);
      told.push(String(json['id']));
    };
    const writing = new AbortController();
    const writer = (async () => {
      while (!writing.signal.aborted) await send();
    })();
    const backups: { readonly file: string; readonly before: readonly string[] }[] = [];
    for (let n = 0; n < 3; n += 1) {
      const [file, before] = [newFile(), [...told]];
      const run = await spawnCli(['backup', file, '--passphrase-file', secretFile(), '--json'], { env });
      expect([run.exitCode, run.stderr]).toEqual([0, '']);
      expect(JSON.parse(run.stdout)).toMatchObject({ format: 1, nodeId: 'nalice' });
      backups.push({ file, before });
    }
    writing.abort();
    await writer;
    for (const { file, before } of backups) {
      const dataDir = tempFolder();
      expect((await restoreInto(dataDir, readFileSync(file))).exitCode).toBe(0);
      const found = openFolder(dataDir)
        .outbox.list(100_000)
        .map(({ id }): string => id)
        .reverse();
      expect(found.length).toBeGreaterThanOrEqual(before.length);
      expect(found).toEqual(told.slice(0, found.length));
    }
    printSize('writes', `${told.length} messages while ${backups.length} backups were taken`);
  });

  it('goes to stdout, with the passphrase from stdin, and holds nothing that can be read', async () => {
    const { dataDir, env } = await running();
    // Not in this process, which is to go on answering as tailscaled.
    const piped = promisify(execFile)(process.execPath, [CLI, 'backup', '-'], { env, encoding: 'buffer' });
    piped.child.stdin?.end(`${PASSPHRASE}\n`);
    const { stdout: bytes } = await piped;
    expect(bytes.subarray(0, 22).toString()).toBe('age-encryption.org/v1\n');
    const key = readFileSync(join(dataDir, 'sealing.key'));
    // Nothing shorter: three given bytes are somewhere in a few hundred kilobytes of ciphertext by chance.
    for (const secret of [TOKEN, TEXT, PASSPHRASE, 'SQLite', 'manifest', key])
      expect(bytes.includes(secret)).toBe(false);
    const restored = tempFolder();
    expect((await restoreInto(restored, bytes)).exitCode).toBe(0);
    const store = openFolder(restored);
    expect([store.peers.outboundToken(BOB), store.inbox.list(1)[0]?.text]).toEqual([TOKEN, TEXT]);
  });

  it('is an age file with a tar in it', async () => {
    const { dataDir, env } = await running();
    const file = newFile();
    const { stdout, stderr } = await runCli(['backup', file, '--passphrase-file', secretFile()], { env });
    expect([stdout, stderr]).toEqual([
      '',
      expect.stringMatching(/^Backed up to .*\. Without its passphrase nobody/),
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    const tar = Buffer.from(await decrypter.decrypt(readFileSync(file)));
    const folder = tempFolder();
    execFileSync('tar', ['x', '-C', folder], { input: tar });
    expect(readdirSync(folder).sort()).toEqual(['agent-peer.db', 'manifest.json', 'sealing.key']);
    expect(readFileSync(join(folder, 'sealing.key'))).toEqual(readFileSync(join(dataDir, 'sealing.key')));
    const store = openFolder(folder);
    expect(store.peers.outboundToken(BOB)).toBe(TOKEN);
  });

  it('is for the owner alone, has the key not in it, and leaves nothing in the data folder', async () => {
    const { dataDir, port, owner, agent } = await running();
    expect((await ask(port, '/api/v1/snapshot', { token: agent })).json['code']).toBe('local-role-refused');
    const { status, headers, text } = await ask(port, '/api/v1/snapshot', { token: owner });
    expect([status, headers['content-type'], text.slice(0, 15)]).toEqual([
      200,
      'application/octet-stream',
      'SQLite format 3',
    ]);
    expect(text).not.toContain(readFileSync(join(dataDir, 'sealing.key')).toString('utf8'));
    expect(readdirSync(dataDir).filter((name) => name.includes('snapshot'))).toEqual([]);
  });
});

describe('nothing is written', () => {
  it('over a file that is there, with a passphrase that is soon guessed, nor where there is no folder', async () => {
    const { env } = await running();
    const refused = async (file: string, passphrase = PASSPHRASE) => {
      const args = ['backup', file, '--passphrase-file', secretFile(passphrase)];
      const { exitCode, stdout, stderr } = await runCli(args, { env });
      expect([exitCode, stdout]).toEqual([2, '']);
      return stderr;
    };
    const [mine, file] = [newFile(), newFile()];
    writeFileSync(mine, 'mine');
    expect(await refused(mine)).toMatch(/^error input-invalid: .*backup\.age is there already\. Name a file/);
    expect(readFileSync(mine, 'utf8')).toBe('mine');
    expect(await refused(file, 'short words')).toMatch(/the passphrase has 11 characters and needs 12\./);
    expect(await refused(join(file, 'no', 'folder'))).toMatch(/ cannot be written \(ENOENT\)/);
    expect(existsSync(file)).toBe(false);
  });

  it('with two different passphrases on a terminal, nor onto the terminal', async () => {
    const { env } = await running();
    const terminal = { echo: true };
    const file = newFile();
    const other = 'correct horse battery stapler';
    const typed = await runCli(['backup', file], { env, terminal, typed: [`${PASSPHRASE}\r`, `${other}\r`] });
    expect(typed.stderr).toMatch(/The same again: .*the two passphrases differ/s);
    const shown = await runCli(['backup', '-'], { env, terminal, stdin: '' });
    expect(shown.stderr).toMatch(/a backup is nothing for a terminal/);
    expect(existsSync(file)).toBe(false);
  });

  it('without a proxy that runs', async () => {
    const { env, main } = await running();
    main.signal('SIGKILL');
    await main.ended;
    const file = newFile();
    const { exitCode, stderr } = await runCli(['backup', file, '--passphrase-file', secretFile()], { env });
    expect([exitCode, stderr]).toEqual([5, expect.stringMatching(/^error local-api-unreachable: /)]);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('when the proxy dies in the middle of it', async () => {
    const proxy = createServer((request, response) => {
      if (request.url !== '/api/v1/snapshot') response.end('{"version":"9.9.9","node":null}');
      else
        response.writeHead(200, { 'content-length': 1_000_000 }).write('x', () => request.socket.destroy());
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const dataDir = tempFolder();
    for (const name of ['owner-token', 'sealing.key'])
      writeFileSync(join(dataDir, name), 'x'.repeat(32), { mode: 0o600 });
    const port = (proxy.address() as AddressInfo).port;
    const env = { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(port) };
    const file = newFile();
    const { exitCode, stderr } = await runCli(['backup', file, '--passphrase-file', secretFile()], { env });
    expect([exitCode, stderr]).toEqual([5, expect.stringMatching(/the proxy broke off in the middle/)]);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('when the database is closed in the middle', async () => {
    const dataDir = tempFolder();
    fill(dataDir);
    const store = openFolder(dataDir);
    const taken = store.snapshots.take();
    await new Promise((resolve) => setImmediate(resolve));
    store.close();
    await expect(taken).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(readdirSync(dataDir).filter((name) => name.includes('snapshot'))).toEqual([]);
  });
});

it('has what a killed proxy left of a copy removed at the next start', () => {
  const dataDir = tempFolder();
  fill(dataDir);
  for (const name of [
    'agent-peer.db.snapshot-1',
    'agent-peer.db.snapshot-1-journal',
    'agent-peer.db.restoring',
  ])
    closeSync(openSync(join(dataDir, name), 'w'));
  openFolder(dataDir);
  expect(readdirSync(dataDir).sort()).toEqual([
    'agent-peer.db',
    'agent-peer.db-wal',
    'agent-peer.db.reserve',
    'sealing.key',
  ]);
});

it('is followed, once it was restored, by a proxy that says who is paused and what to do', async () => {
  const original = filled();
  const bytes = await backupOf(openFolder(original), original);
  const dataDir = tempFolder();
  await restoreInto(dataDir, bytes);
  const { env, main } = await running(dataDir);
  expect(main.lines.find(({ event }) => event === 'restored')).toMatchObject({
    level: 'warn',
    paused: ['bob'],
    fix: expect.stringContaining('agent-peer peers confirm <name>') as string,
  });
  const status = () => runCli(['status'], { env });
  expect((await status()).stdout).toMatch(/bob: paused,? .*agent-peer peers confirm bob/);
  const { exitCode, stderr } = await runCli(['peers', 'confirm', 'bob', '--yes'], { env });
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  expect((await status()).stdout).toContain('bob: active');
});
