/**
 * Secrets at rest.
 *
 * - The tokens that this stack presents, those that a peer may not have heard of, the secret of an invite that it uses, its
 *   device key and its own secret are sealed with a key that is in another file. The database alone is worth nothing.
 * - A sealed value opens for the purpose that it was sealed for and for no other.
 * - A key file that others can read, that is not a key, that is gone or that belongs to another database is told at the
 *   start, as one error with what to do; a key is never made over one that is needed.
 * - No secret is in an error or in the log.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createTurnKey } from '../../src/delivery/turn-key.ts';
import { createDigests, newPeerToken } from '../../src/digests.ts';
import type { MessageId } from '../../src/core/message.ts';
import { AgentPeerError } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { createSealer } from '../../src/store/sealed.ts';
import { systemRandom } from '../../src/system.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { BOB, CAROL, sampleInvite, samplePairing, samplePeer } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore } from '../harness/temp-store.ts';

const TOKEN = newPeerToken();
/** Of two peers that are being paired, one from each side, and of one whose tokens are changed. */
const ACCEPTING = samplePairing('dave');
const INVITED = samplePairing('erin', { secret: null, hasToken: true });
const [OUTBOUND, UNTOLD] = [newPeerToken(), newPeerToken()];
const SECRETS = [
  ...[TOKEN, OUTBOUND, UNTOLD, ACCEPTING.token, INVITED.token, 'a device token'],
  ACCEPTING.record.secret ?? '',
];

function openedIn(folder: string) {
  return tempStore(createFakeClock(), folder);
}

function folderWithSecrets(): string {
  const folder = tempFolder();
  const store = openedIn(folder);
  store.peers.addPeer(samplePeer());
  store.peers.putOutboundToken(BOB, TOKEN);
  store.credentials.write('device-token', 'a device token');
  store.pairings.begin(ACCEPTING);
  const invite = sampleInvite('i', { peer: INVITED.peer.name });
  store.pairings.addInvite(invite);
  store.pairings.claim(invite, INVITED.peer.nodeId, INVITED, OUTBOUND);
  const fresh = { token: UNTOLD, digest: createDigests().token(UNTOLD) };
  store.peers.overlap(BOB, fresh, Date.UTC(2026, 0, 1));
  store.close();
  return folder;
}

function errorOf(folder: string): string {
  try {
    openedIn(folder);
  } catch (error) {
    if (error instanceof AgentPeerError) return error.line;
    throw error;
  }
  return 'none';
}

describe('sealed values', () => {
  it('come back after a restart, and are nowhere in the files', () => {
    const folder = folderWithSecrets();
    const store = openedIn(folder);
    expect(store.peers.outboundToken(BOB)).toBe(TOKEN);
    expect(store.credentials.read('device-token')).toBe('a device token');
    const { peers, pairings } = store;
    expect([peers.untold(BOB), peers.outboundToken(INVITED.peer.name)]).toEqual([UNTOLD, OUTBOUND]);
    expect([ACCEPTING, INVITED].map(({ peer }) => peers.untold(peer.name))).toEqual([
      ACCEPTING.token,
      INVITED.token,
    ]);
    expect(pairings.find(ACCEPTING.peer.name)?.secret).toBe(ACCEPTING.record.secret);
    store.credentials.write('device-token', 'another');
    expect(store.credentials.read('device-token')).toBe('another');
    store.credentials.remove('device-token');
    expect(store.credentials.read('device-token')).toBeNull();
    for (const name of ['agent-peer.db', 'agent-peer.db-wal']) {
      const bytes = readFileSync(join(folder, name));
      for (const secret of SECRETS)
        for (const part of [secret, secret.slice(4), Buffer.from(secret).toString('hex')])
          expect(bytes.includes(part)).toBe(false);
    }
  });

  const SEALED = `(SELECT outbound_token FROM peers WHERE name = 'bob')`;
  it.each([
    ['credential device-token', `UPDATE credentials SET sealed = ${SEALED}`],
    ['token for peer erin', `UPDATE peers SET outbound_token = ${SEALED} WHERE name = 'erin'`],
    ['token of peer bob', `UPDATE peers SET untold_token = outbound_token WHERE name = 'bob'`],
    ['token for peer bob', `UPDATE peers SET outbound_token = untold_token WHERE name = 'bob'`],
    ['invite of peer dave', `UPDATE pairings SET secret = ${SEALED} WHERE peer = 'dave'`],
  ])('open for no other row, nor for another purpose: %s', (which, sql) => {
    const folder = folderWithSecrets();
    const db = new DatabaseSync(join(folder, 'agent-peer.db'));
    db.exec(sql);
    db.close();
    const told = errorOf(folder);
    expect(told).toMatch(new RegExp(`^storage-unavailable: ${which} .* was not sealed with key file .*`));
    for (const secret of SECRETS) expect(told).not.toContain(secret);
  });

  it.each([0, 1, 13, 29])('are refused when byte %d was changed', (index) => {
    const sealer = createSealer(randomBytes(32), '/key');
    const sealed = Buffer.from(sealer.seal('a', 'secret'));
    sealed.writeUInt8((sealed[index] ?? 0) ^ 1, index);
    expect(() => sealer.open('a', sealed)).toThrow(AgentPeerError);
    expect(() => sealer.open('a', sealed.subarray(0, 20))).toThrow(AgentPeerError);
  });

  it('differ each time, also of the same secret', () => {
    const sealer = createSealer(randomBytes(32), '/key');
    expect(sealer.seal('a', 'secret')).not.toEqual(sealer.seal('a', 'secret'));
  });
});

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

describe('the key file', () => {
  const keyIn = (folder: string) => join(folder, 'key');

  it('is made once, whole, for its owner alone', () => {
    const folder = tempFolder();
    openedIn(folder).close();
    const key = readFileSync(keyIn(folder));
    expect(key).toHaveLength(32);
    expect(statSync(keyIn(folder)).mode & 0o777).toBe(0o600);
    openedIn(folder).close();
    expect(readFileSync(keyIn(folder))).toEqual(key);
  });

  it.each([
    ['0644', (key: string) => chmodSync(key, 0o644), /can be read by others \(mode 0644\)\. chmod 600 \//],
    ['0640', (key: string) => chmodSync(key, 0o640), /can be read by others \(mode 0640\)\. chmod 600 \//],
    ['empty', (key: string) => writeFileSync(key, ''), /has 0 bytes and not 32\. Put back the key file/],
    ['too long', (key: string) => writeFileSync(key, 'x'.repeat(33)), /has 33 bytes and not 32\. Put back/],
    [
      'gone',
      (key: string) => rmSync(key),
      /is missing, and the database holds secrets sealed with it\. Put back/,
    ],
    ['a folder', replaceByFolder, /is not a file\. Name a file of 32 random bytes/],
    [
      'another key',
      (key: string) => writeFileSync(key, randomBytes(32)),
      /was not sealed with key file .*Put back/,
    ],
  ])('that is %s stops the start with one error', (_, spoil, line) => {
    const folder = folderWithSecrets();
    spoil(keyIn(folder));
    const told = errorOf(folder);
    expect(told).toMatch(/^storage-unavailable: /);
    expect(told).toMatch(line);
    expect(told).not.toContain(TOKEN);
  });

  it('that is needed and gone is not made anew', () => {
    const folder = folderWithSecrets();
    rmSync(keyIn(folder));
    errorOf(folder);
    expect(statSync(keyIn(folder), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('that is gone is made anew while nothing was sealed with it', () => {
    const folder = tempFolder();
    openedIn(folder).close();
    rmSync(keyIn(folder));
    expect(errorOf(folder)).toBe('none');
  });

  it('that cannot be made is told with its name', () => {
    const folder = tempFolder();
    const keyFile = join(folder, 'no', 'such', 'key');
    const open = () =>
      openStore({ dataDir: folder, keyFile, clock: createFakeClock(), log: createMemoryLog() });
    expect(open).toThrow(`${keyFile} cannot be made (ENOENT)`);
  });

  it('lets the store be opened after a refused start', () => {
    const folder = folderWithSecrets();
    chmodSync(keyIn(folder), 0o644);
    errorOf(folder);
    chmodSync(keyIn(folder), 0o600);
    expect(openedIn(folder).peers.outboundToken(BOB)).toBe(TOKEN);
  });
});

describe('turn keys', () => {
  it('are the same for the same message for ever, and differ by peer, message and stack', () => {
    const store = tempStore();
    const key = createTurnKey(store.credentials, systemRandom);
    const first = key(BOB, 'm' as MessageId);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(key(CAROL, 'm' as MessageId)).not.toBe(first);
    expect(key(BOB, 'n' as MessageId)).not.toBe(first);
    expect(createTurnKey(store.reopen().credentials, systemRandom)(BOB, 'm' as MessageId)).toBe(first);
    expect(createTurnKey(tempStore().credentials, systemRandom)(BOB, 'm' as MessageId)).not.toBe(first);
  });
});

describe('made values', () => {
  it('are tokens of 256 bits with a prefix that scanners find', () => {
    expect(TOKEN).toMatch(/^apt_[A-Za-z0-9_-]{43}$/);
    expect(new Set(Array.from({ length: 100 }, newPeerToken)).size).toBe(100);
  });

  it('are words in which every letter is as likely as any other', () => {
    const counts = new Map<string, number>();
    for (const letter of systemRandom.word(36_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect([...counts.keys()].sort().join('')).toBe('0123456789abcdefghijklmnopqrstuvwxyz');
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(250);
  });
});
