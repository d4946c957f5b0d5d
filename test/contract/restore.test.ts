/**
 * A restore puts a backup in the place of the database.
 *
 * - Afterwards nobody may do anything until the owner says so, and nothing is under way: peers are paused, open messages
 *   are uncertain, pairings are given up.
 * - A token that is good no more does not come back: whoever was revoked stays revoked.
 * - What the database that was there knows of messages stays known.
 * - Its secrets are sealed with the key of this data volume, whichever they were sealed with before.
 * - All of it happens or nothing: what is no whole backup changes nothing, and neither does a kill at any moment.
 */
import { cpSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { Store } from '../../src/store/open.ts';
import {
  backupOf,
  encrypted,
  openFolder,
  packed,
  PARTS,
  PASSPHRASE,
  restoreInto,
  writeParts,
} from '../harness/backups.ts';
import { startChild } from '../harness/child.ts';
import { printSize } from '../harness/print-size.ts';
import { killedAt, runCli, type CliRun } from '../harness/run-cli.ts';
import {
  BOB,
  CAROL,
  sampleGrant,
  sampleInbound,
  sampleOutbound,
  sampleOutboundGrant,
  samplePeer,
} from '../harness/samples.ts';
import { SCHEMA_4 } from '../harness/schema-4.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { bringTo } from '../harness/inbox-moves.ts';

const TOKEN = 'apt_a-token-that-is-ours-for-bob';

function fill(store: Store): void {
  store.peers.addPeer(samplePeer());
  store.peers.addPeer(samplePeer(CAROL));
  store.peers.putOutboundToken(BOB, TOKEN);
  store.peers.putGrant(sampleGrant());
  store.peers.putGrant(sampleOutboundGrant());
  store.credentials.write('stack-secret', 'the secret of this stack');
  store.outbox.add(sampleOutbound('out-1'));
  store.outbox.add(sampleOutbound('out-2'));
  store.inbox.accept(sampleInbound('in-1'));
  store.inbox.accept(sampleInbound('in-2'));
  settle(store, 'out-2', 'in-2');
}

function settle(store: Store, outbound: string, inbound: string): void {
  const at = { now: Date.now(), nextAttemptAt: 0 };
  store.outbox.apply(outbound as MessageId, { kind: 'replied', taskId: 't', reply: 'fine' }, at);
  bringTo(store.inbox, `task-${inbound}`, 'replied', { reply: 'done', now: Date.now() });
}

/** A data folder with two peers and four messages, two of them open, and a backup of it. */
async function backedUp() {
  const dataDir = tempFolder();
  const store = openFolder(dataDir);
  fill(store);
  const bytes = await backupOf(store, dataDir);
  return { dataDir, store, bytes };
}

const outcome = ({ exitCode, stdout, stderr }: CliRun) => {
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const errorOf = ({ exitCode, stdout, stderr }: CliRun) => {
  expect(stdout).toBe('');
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string; fix: string } };
  return { exitCode, ...error };
};
const states = ({ peers, outbox, inbox }: Store) => ({
  peers: Object.fromEntries(peers.listPeers().map(({ name, state }) => [name, state])),
  outbox: Object.fromEntries(outbox.list(9).map(({ id, state }) => [id, state])),
  inbox: Object.fromEntries(inbox.list(9).map(({ messageId, state }) => [messageId, state])),
});
const AS_BEFORE = {
  peers: { bob: 'active', carol: 'active' },
  outbox: { 'out-1': 'queued', 'out-2': 'answered' },
  inbox: { 'in-1': 'accepted', 'in-2': 'replied' },
};
const AS_RESTORED = {
  peers: { bob: 'paused', carol: 'paused' },
  outbox: { 'out-1': 'uncertain', 'out-2': 'answered' },
  inbox: { 'in-1': 'uncertain', 'in-2': 'replied' },
};

/** What the version before messages could be held left behind, with a message of bob's that came after the backup. */
function ofOlderVersion(messageId: string): string {
  const folder = tempFolder();
  openFolder(folder).close();
  rmSync(join(folder, 'agent-peer.db'));
  const db = new DatabaseSync(join(folder, 'agent-peer.db'));
  db.exec(SCHEMA_4);
  const { name, nodeId, login, tokenDigest } = samplePeer();
  db.prepare(
    `INSERT INTO peers (name, node_id, login, token_digest, state, created_at) VALUES (?, ?, ?, ?, 'active', 0)`,
  ).run(name, nodeId, login, tokenDigest);
  const { taskId, contentDigest, text, turnKey, createdAt } = sampleInbound(messageId);
  db.prepare(
    `INSERT INTO inbox (task_id, peer, message_id, content_digest, alias, session_key, conversation, text, hop, created_at,
       updated_at, expires_at, state, turn_key, reply) VALUES (?, ?, ?, ?, 'handoff', 'agent:main:peer-bob', 'talk', ?, 1, ?, ?, ?,
       'replied', ?, 'yes')`,
  ).run(taskId, name, messageId, contentDigest, text, createdAt, createdAt, createdAt, turnKey);
  db.close();
  return folder;
}

describe('in the place of a database of an older version', () => {
  it('forgets nothing that came after the backup', async () => {
    const { bytes } = await backedUp();
    const dataDir = ofOlderVersion('in-3');
    outcome(await restoreInto(dataDir, bytes));
    const store = openFolder(dataDir);
    expect(states(store).inbox).toEqual({ ...AS_RESTORED.inbox, 'in-3': 'replied' });
    expect(store.inbox.accept(sampleInbound('in-3')).kind).toBe('repeated');
  });
});

describe('on another machine', () => {
  it('brings back everything, paused, with nothing under way, and a key of its own', async () => {
    const { dataDir: old, bytes } = await backedUp();
    const dataDir = tempFolder();
    expect(outcome(await restoreInto(dataDir, bytes))).toMatchObject({
      paused: ['bob', 'carol'],
      revoked: [],
      uncertain: { outbox: 1, inbox: 1 },
      former: null,
      backup: { nodeId: 'nalice', agentPeer: '9.9.9' },
    });
    const store = openFolder(dataDir);
    expect(states(store)).toEqual(AS_RESTORED);
    expect(store.outbox.find('out-1')?.detail).toContain('restored from a backup');
    expect(store.peers.outboundToken(BOB)).toBe(TOKEN);
    expect(store.credentials.read('stack-secret')).toBe('the secret of this stack');
    expect(store.peers.listGrants()).toHaveLength(2);
    expect(store.inbox.accept(sampleInbound('in-2')).kind).toBe('repeated');
    expect(store.restores).toHaveLength(1);
    const key = (folder: string) => readFileSync(join(folder, 'sealing.key'));
    expect(key(dataDir)).not.toEqual(key(old));
    expect(readdirSync(dataDir).sort()).toEqual([
      'agent-peer.db',
      'agent-peer.db-wal',
      'agent-peer.db.reserve',
      'sealing.key',
    ]);
    for (const name of readdirSync(dataDir)) expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
  });

  it('lets the owner have each peer back', async () => {
    const { bytes } = await backedUp();
    const dataDir = tempFolder();
    await restoreInto(dataDir, bytes);
    const store = openFolder(dataDir);
    store.peers.resume(BOB);
    expect(states(store).peers).toEqual({ bob: 'active', carol: 'paused' });
  });
});

describe('over the same stack', () => {
  it('keeps the database that was there, and the key', async () => {
    const { dataDir, store, bytes } = await backedUp();
    store.close();
    const key = readFileSync(join(dataDir, 'sealing.key'));
    const { former } = outcome(await restoreInto(dataDir, bytes));
    expect(former).toBe(join(dataDir, 'agent-peer.db.before-restore'));
    expect(readFileSync(join(dataDir, 'sealing.key'))).toEqual(key);
    expect(states(openFolder(dataDir))).toEqual(AS_RESTORED);
    const beside = tempFolder();
    writeFileSync(join(beside, 'agent-peer.db'), readFileSync(String(former)));
    writeFileSync(join(beside, 'sealing.key'), key, { mode: 0o600 });
    expect(states(openFolder(beside))).toEqual(AS_BEFORE);
  });

  it('does not bring back who was revoked since, not even under another name or with a token that was replaced', async () => {
    const { dataDir, store, bytes } = await backedUp();
    store.peers.revoke(BOB, Date.now());
    store.peers.addPeer(samplePeer(BOB, { tokenDigest: samplePeer('other' as PeerName).tokenDigest }));
    store.peers.rename(CAROL, 'caroline' as PeerName);
    store.peers.revoke('caroline' as PeerName, Date.now());
    store.close();
    expect(outcome(await restoreInto(dataDir, bytes))).toMatchObject({
      paused: [],
      revoked: ['bob', 'carol'],
    });
    const restored = openFolder(dataDir);
    expect(states(restored).peers).toEqual({ bob: 'revoked', carol: 'revoked' });
    expect(restored.peers.outboundToken(BOB)).toBeNull();
    expect(restored.peers.listGrants()).toEqual([]);
  });

  it('knows what became of messages since, and takes none of them a second time', async () => {
    const { dataDir, store, bytes } = await backedUp();
    settle(store, 'out-1', 'in-1');
    store.outbox.add(sampleOutbound('out-3'));
    store.inbox.accept(sampleInbound('in-3'));
    store.inbox.accept(sampleInbound('in-4'));
    bringTo(store.inbox, 'task-in-3', 'replied', { reply: 'yes', now: Date.now() });
    store.close();
    outcome(await restoreInto(dataDir, bytes));
    const restored = openFolder(dataDir);
    expect(states(restored)).toMatchObject({
      outbox: { 'out-1': 'answered', 'out-2': 'answered', 'out-3': 'uncertain' },
      inbox: { 'in-1': 'replied', 'in-2': 'replied', 'in-3': 'replied', 'in-4': 'uncertain' },
    });
    expect(restored.inbox.accept(sampleInbound('in-3'))).toMatchObject({
      kind: 'repeated',
      message: { reply: 'yes' },
    });
  });

  it('does not let the clock go back', async () => {
    const { dataDir, store, bytes } = await backedUp();
    store.close();
    const ahead = Date.now() + 3_600_000;
    openFolder(dataDir, { now: () => ahead }).close();
    const early = openFolder(dataDir, { now: () => ahead });
    early.peers.policy();
    early.close();
    outcome(await restoreInto(dataDir, bytes));
    expect(openFolder(dataDir).peers.policy().asOf).toBe(ahead);
  });

  it('takes the place of a database that is damaged, and says that it was not read', async () => {
    const { dataDir, store, bytes } = await backedUp();
    store.close();
    const file = join(dataDir, 'agent-peer.db');
    writeFileSync(file, Buffer.alloc(8192, 'x'));
    writeFileSync(`${file}-wal`, Buffer.alloc(4096, 'y'));
    expect(outcome(await restoreInto(dataDir, bytes))).toMatchObject({ formerWasRead: false });
    expect(states(openFolder(dataDir))).toEqual(AS_RESTORED);
    expect(readFileSync(`${file}.before-restore`).includes('xxxx')).toBe(true);
  });

  it('takes the place of one that a newer version wrote', async () => {
    const { dataDir, store, bytes } = await backedUp();
    store.peers.revoke(CAROL, Date.now());
    store.close();
    const db = new DatabaseSync(join(dataDir, 'agent-peer.db'));
    db.exec('PRAGMA user_version = 999; ALTER TABLE inbox DROP COLUMN detail');
    db.close();
    outcome(await restoreInto(dataDir, bytes));
    expect(states(openFolder(dataDir)).peers).toEqual({ bob: 'paused', carol: 'revoked' });
  });
});

describe('what was under way', () => {
  it('is given up: pairings, invites, and peers that were not complete', async () => {
    const dataDir = tempFolder();
    const store = openFolder(dataDir);
    fill(store);
    const dave = samplePeer('dave' as PeerName, { state: 'provisional' });
    const record = {
      ownConfirmed: true,
      otherConfirmed: false,
      otherReady: false,
      offered: null,
      hasToken: false,
    };
    const pairing = {
      ...record,
      secret: 'a one-time secret',
      hold: 'none' as const,
      createdAt: 1,
      expiresAt: 2,
    };
    store.pairings.begin({ peer: dave, token: 'apt_for-dave', grants: [], record: pairing });
    const restored = tempFolder();
    expect(outcome(await restoreInto(restored, await backupOf(store, dataDir)))).toMatchObject({
      paused: ['bob', 'carol'],
      revoked: ['dave'],
    });
    const after = openFolder(restored);
    expect(after.pairings.list()).toEqual([]);
    expect(after.peers.untold(dave.name)).toBeNull();
  });

  it('goes on where a token was being replaced: both are good, and the peer is told of the new one again', async () => {
    const dataDir = tempFolder();
    const store = openFolder(dataDir);
    fill(store);
    const fresh = samplePeer('fresh' as PeerName).tokenDigest;
    store.peers.overlap(BOB, { token: 'apt_fresh', digest: fresh }, 1);
    const restored = tempFolder();
    outcome(await restoreInto(restored, await backupOf(store, dataDir)));
    const after = openFolder(restored);
    expect(after.peers.untold(BOB)).toBe('apt_fresh');
    expect(after.peers.findPeer(BOB)?.overlap).toEqual({ digest: fresh, until: null });
  });
});

/** A stack as it was, to which nothing may have happened. */
async function refusedOn(bytes: Uint8Array, passphrase = PASSPHRASE) {
  const dataDir = tempFolder();
  const store = openFolder(dataDir);
  fill(store);
  store.close();
  const error = errorOf(await restoreInto(dataDir, bytes, passphrase));
  expect(readdirSync(dataDir).sort()).toEqual(['agent-peer.db', 'agent-peer.db.reserve', 'sealing.key']);
  expect(states(openFolder(dataDir))).toEqual(AS_BEFORE);
  return error;
}

describe('a file that cannot be restored changes nothing', () => {
  it('with another passphrase', async () => {
    const { bytes } = await backedUp();
    const error = await refusedOn(bytes, 'another horse battery staple');
    expect(error).toMatchObject({ exitCode: 3, code: 'passphrase-refused' });
  });

  it('cut anywhere', async () => {
    const { bytes } = await backedUp();
    const dataDir = tempFolder();
    // The head, the ends of age's pieces of 64 KiB and their surroundings, and some of all the rest.
    const piece = 65_536 + 16;
    const body = bytes.indexOf('\n---') + 48;
    const ends = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, n) => body + 16 + n * piece);
    const lengths = [
      0,
      1,
      20,
      21,
      100,
      body,
      ...ends.flatMap((end) => [end - 1, end, end + 1]),
      bytes.length - 1,
    ]
      .concat(Array.from({ length: 20 }, (_, n) => Math.floor((bytes.length * n) / 20)))
      .filter((length) => length < bytes.length);
    for (const length of lengths) {
      const error = errorOf(await restoreInto(dataDir, bytes.subarray(0, length)));
      expect([length, error.exitCode, error.code]).toEqual([length, 2, 'backup-unreadable']);
    }
    printSize('cuts', `${lengths.length} of a backup of ${bytes.length} bytes`);
    expect(states(openFolder(dataDir))).toEqual({ peers: {}, outbox: {}, inbox: {} });
  });

  it('with any byte changed', async () => {
    const { bytes } = await backedUp();
    const dataDir = tempFolder();
    const places = Array.from({ length: 40 }, (_, n) => Math.floor((bytes.length * n) / 40)).concat(
      bytes.length - 1,
    );
    for (const at of [...places, 5, 25, 60, 120, 170, 200]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      const { code } = errorOf(await restoreInto(dataDir, changed));
      expect([at, code]).toEqual([at, expect.stringMatching(/^(backup-unreadable|passphrase-refused)$/)]);
    }
    expect(states(openFolder(dataDir))).toEqual({ peers: {}, outbox: {}, inbox: {} });
  });

  it.each([
    ['empty', () => Buffer.alloc(0), /no backup of agent-peer, nor anything that age encrypted/],
    ['a database', () => Buffer.from('SQLite format 3\0'.padEnd(4096)), /nor anything that age encrypted/],
    ['an age file of something else', () => encrypted(Buffer.from('hello')), /damaged or was cut/],
    [
      'an age file of another tar',
      () => encrypted(packed([{ name: 'x', data: 'y' }])),
      /it holds other files/,
    ],
    [
      'a backup with more in it',
      () => encrypted(packed([...PARTS, { name: 'more', data: '' }])),
      /it holds other files/,
    ],
    ['a backup without its database', () => encrypted(packed(PARTS.slice(0, 2))), /it holds other files/],
    [
      'a backup whose database is none',
      () => encrypted(packed(PARTS)),
      /the database in the backup is damaged/,
    ],
  ] as const)('that is %s', async (_, bytes, message) => {
    const error = await refusedOn(await bytes());
    expect(error).toMatchObject({ exitCode: 2, code: 'backup-unreadable' });
    expect(error.message).toMatch(message);
  });

  it('of a newer format', async () => {
    const dataDir = tempFolder();
    const store = openFolder(dataDir);
    const error = await refusedOn(await backupOf(store, dataDir, { format: 2 }));
    expect(error.code).toBe('backup-unreadable');
    expect(error.message).toBe(
      'the backup has format 2, newer than the 1 that this version of agent-peer knows',
    );
  });

  it('of a newer schema', async () => {
    const dataDir = tempFolder();
    openFolder(dataDir).close();
    const db = new DatabaseSync(join(dataDir, 'agent-peer.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    const database = readFileSync(join(dataDir, 'agent-peer.db'));
    const error = await refusedOn(
      await encrypted(packed([...PARTS.slice(0, 2), { name: 'agent-peer.db', data: database }])),
    );
    expect(error.message).toMatch(/^the backup has schema 999, newer than the \d+ that this version/);
  });

  it('from later than this machine says it is', async () => {
    const dataDir = tempFolder();
    const store = openFolder(dataDir);
    const takenAt = new Date(Date.now() + 3_600_000).toISOString();
    expect(await refusedOn(await backupOf(store, dataDir, { takenAt }))).toMatchObject({
      code: 'clock-behind',
    });
  });
});

it('refuses while a proxy has the database', async () => {
  const { dataDir, store, bytes } = await backedUp();
  store.close();
  const child = startChild('store-child.ts', dataDir, 'hold', 'sealing.key');
  expect(await child.said()).toEqual({ opened: true });
  const error = errorOf(await restoreInto(dataDir, bytes));
  expect(error).toMatchObject({ exitCode: 5, code: 'storage-locked' });
  expect(error.fix).toContain('docker compose stop proxy');
  await child.kill();
  expect(states(openFolder(dataDir))).toEqual(AS_BEFORE);
});

it('asks before it does anything, and a script has to say so', async () => {
  const { bytes } = await backedUp();
  const dataDir = tempFolder();
  const { file, passphraseFile } = writeParts(bytes);
  const args = ['restore', file, '--passphrase-file', passphraseFile];
  const env = { AGENT_PEER_DATA_DIR: dataDir };
  expect((await runCli(args, { env })).stderr).toMatch(
    /^error input-invalid: there is no terminal to ask on\. Say --yes/,
  );
  const no = await runCli(args, { env, stdin: 'n\n', terminal: { echo: true } });
  expect([no.exitCode, no.stderr]).toEqual([
    2,
    expect.stringMatching(/^Replace .* node nalice, .*cancelled/s),
  ]);
  const store = openFolder(dataDir);
  expect(store.peers.listPeers()).toEqual([]);
  store.close();
  const yes = await runCli(args, { env, stdin: 'y\n', terminal: { echo: true } });
  expect(yes.stderr).toMatch(
    /^Replace .*\] Restored the backup of .*Paused: bob, carol\..*peers confirm <name>.*up -d proxy\n$/s,
  );
});

it('leaves the old or the new database whole, killed before anything that it does to the disk', async () => {
  const { dataDir: original, store, bytes } = await backedUp();
  store.peers.revoke(CAROL, Date.now());
  store.close();
  const { file, passphraseFile } = writeParts(bytes);
  const seen = { old: 0, new: 0 };
  const oneKill = async (nth: number): Promise<boolean> => {
    const dataDir = tempFolder();
    cpSync(original, dataDir, { recursive: true });
    const args = ['restore', file, '--passphrase-file', passphraseFile, '--yes'];
    const wasKilled = await killedAt(nth, args, { AGENT_PEER_DATA_DIR: dataDir });
    const { peers } = states(openFolder(dataDir));
    const isOld = peers['bob'] === 'active';
    expect([nth, peers]).toEqual([nth, { bob: isOld ? 'active' : 'paused', carol: 'revoked' }]);
    expect(readdirSync(dataDir).filter((name) => /restoring|snapshot/.test(name))).toEqual([]);
    if (wasKilled) seen[isOld ? 'old' : 'new'] += 1;
    return wasKilled;
  };
  for (let [nth, goOn] = [1, true]; goOn; nth += 3) {
    goOn = (await Promise.all([nth, nth + 1, nth + 2].map(oneKill))).every(Boolean);
  }
  printSize('kills', `${seen.old} before the new database counted, ${seen.new} after`);
  expect(seen.old).toBeGreaterThan(10);
  expect(seen.new).toBeGreaterThan(1);
}, 60_000);
