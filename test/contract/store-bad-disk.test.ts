/**
 * A disk without room, and one that gives back other bytes than were written.
 *
 * - New messages are refused and nothing that was accepted is lost; what the owner decides about peers is done all the same.
 * - A damaged file is not served from: the start ends with what to do, and the file stays as it was found.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFakeClock } from '../harness/fake-clock.ts';
import { BOB, CAROL, HANDOFF, sampleGrant, sampleInbound, samplePeer } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';
import { caught } from '../harness/caught.ts';

const RESERVE = 'agent-peer.db.reserve';
const canMount = process.getuid?.() === 0;

/** A file system of this many MiB and no more. */
function smallDisk(mebibytes: number): string {
  const folder = tempFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

const accept = ({ inbox }: TempStore, id: string, text = `text of ${id}`) =>
  inbox.accept(sampleInbound(id, { text }));
const textsIn = ({ inbox }: TempStore) => inbox.list(10_000).map(({ messageId, text }) => [messageId, text]);

/** Writes messages until the disk takes no more, then takes what is left of it down to the last byte. */
function fill(store: TempStore, folder: string): void {
  const more = (n: number) => accept(store, `m-${n}`, 'x'.repeat(60_000));
  expect(() => {
    for (let n = 0; n < 1000; n += 1) more(n);
  }).toThrow(/the disk is full/);
  const junk = openSync(join(folder, 'junk'), 'w');
  expect(() => {
    for (;;) if (writeSync(junk, Buffer.alloc(512)) === 0) throw new Error('ENOSPC');
  }).toThrow(/ENOSPC/);
  closeSync(junk);
}

function fillAgain(store: TempStore): void {
  for (let n = 0; n < 50; n += 1) accept(store, `again-${n}`, 'x'.repeat(20_000));
}

describe.skipIf(!canMount)('a full disk (needs root, to mount a small one)', () => {
  it('refuses new messages, loses none, and lets the owner revoke, pause and change grants', () => {
    const folder = smallDisk(6);
    const store = tempStore(createFakeClock(), folder);
    for (const peer of [BOB, CAROL]) store.peers.addPeer(samplePeer(peer));
    store.peers.putGrant(sampleGrant());
    store.peers.putGrant(sampleGrant({ peer: CAROL }));
    accept(store, 'before');
    expect(statSync(join(folder, RESERVE)).blocks * 512).toBeGreaterThanOrEqual(1024 * 1024);
    fill(store, folder);
    const taken = textsIn(store);
    expect(caught(() => accept(store, 'one-more')).code).toBe('storage-unavailable');

    store.peers.revoke(BOB, 1);
    // New messages get nothing of what is kept, so that there is some for the next time.
    expect(caught(() => fillAgain(store)).code).toBe('storage-unavailable');
    expect(store.peers.removeGrant('inbound', CAROL, HANDOFF)).toBe(true);
    store.peers.setPaused(true);
    store.peers.revoke(CAROL, 1);
    expect(store.peers.policy()).toMatchObject({ isPaused: true });
    expect(store.peers.findPeer(BOB)?.state).toBe('revoked');
    expect(textsIn(store)).toEqual(expect.arrayContaining(taken));
    expect(taken.at(-1)?.[0]).toBe('before');

    rmSync(join(folder, 'junk'));
    execFileSync('mount', ['-o', 'remount,size=24m', folder]);
    const again = store.reopen();
    expect(again.peers.findPeer(BOB)?.state).toBe('revoked');
    expect(textsIn(again)).toEqual(expect.arrayContaining(taken));
    // What there was no room to end then is ended now.
    expect(again.inbox.open()).toEqual([]);
  });

  it('takes messages again when there is room, and keeps space for the next time', () => {
    const folder = smallDisk(6);
    const store = tempStore(createFakeClock(), folder);
    store.peers.addPeer(samplePeer());
    fill(store, folder);
    store.peers.revoke(BOB, 1);
    expect(store.peers.findPeer(BOB)?.state).toBe('revoked');
    rmSync(join(folder, 'junk'));
    execFileSync('mount', ['-o', 'remount,size=12m', folder]);
    store.reserve.fill();
    expect(statSync(join(folder, RESERVE)).size).toBe(1024 * 1024);
    expect(accept(store, 'after').kind).toBe('new');
  });
});

describe('a damaged file', () => {
  it('is not opened, is left as it is, and says how to put back a backup', () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    store.peers.addPeer(samplePeer());
    for (let n = 0; n < 50; n += 1) accept(store, `m-${n}`, 'x'.repeat(3000));
    store.close();
    const file = join(folder, 'agent-peer.db');
    const bytes = readFileSync(file);
    bytes.fill(0xa5, Math.floor(bytes.length / 8192) * 4096, Math.floor(bytes.length / 8192) * 4096 + 4096);
    writeFileSync(file, bytes);
    const error = caught(() => tempStore(createFakeClock(), folder));
    expect(error.code).toBe('storage-unavailable');
    expect(error.line).toMatch(
      /agent-peer\.db is damaged.*put back a backup: agent-peer restore \(see docs\/backup\.md\)$/,
    );
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('that is no database at all is not touched either', () => {
    const folder = tempFolder();
    const file = join(folder, 'agent-peer.db');
    writeFileSync(file, 'these are somebody’s notes '.repeat(100));
    const before = readFileSync(file);
    expect(caught(() => tempStore(createFakeClock(), folder)).line).toMatch(
      /is not a database.*agent-peer restore/,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
