/**
 * What a restore must not bring back: a message that has been run, and a token that is good no more.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../src/core/message.ts';
import { BY_TASK, type NodeId, type Peer, type PeerName, type TokenDigest } from '../../src/core/peer.ts';
import { comeBack, forgottenSince, stampUuid, type PresentPeer } from '../../src/core/restore.ts';
import { propertiesOf } from '../harness/properties.ts';

const holds = propertiesOf('restores');
const V4 = '0b0f2c1e-5a0e-4d0c-8a54-0c1f9b6b1f0a';
const HOUR = 3_600_000;
const TAKEN = Date.UTC(2026, 0, 1);
const RESTORED = TAKEN + 10 * HOUR;
const RESTORE = { takenAt: TAKEN, restoredAt: RESTORED };

const madeAt = (instant: number, prefix = '') => `${prefix}${stampUuid(V4, instant)}` as MessageId;

describe('an id that tells when it was made', () => {
  it('is a UUID of version 7 that keeps the random part', () => {
    expect(stampUuid(V4, 0x0123456789ab)).toBe('01234567-89ab-7d0c-8a54-0c1f9b6b1f0a');
    expect(stampUuid(V4, 0x19)).toBe('00000000-0019-7d0c-8a54-0c1f9b6b1f0a');
  });

  it.each([
    ['long before the restore', TAKEN - 500 * HOUR, true],
    ['between the backup and the restore', TAKEN + HOUR, true],
    ['as the restore was made, by a clock that is two minutes ahead', RESTORED + 120_000, true],
    ['later', RESTORED + 120_001, false],
  ])('made %s', (_, made, isForgotten) => {
    for (const prefix of ['', 'tool-']) {
      const message = { messageId: madeAt(made, prefix), createdAt: RESTORED + 1000 * HOUR };
      expect(forgottenSince(message, [RESTORE])).toBe(isForgotten ? TAKEN : null);
    }
  });
});

describe('an id that does not tell', () => {
  it.each([
    V4,
    'm-1',
    'tool-x',
    `x${madeAt(RESTORED + HOUR)}`,
    `x-${madeAt(RESTORED + HOUR)}`,
    `${madeAt(RESTORED + HOUR)}-x`,
    madeAt(RESTORED + HOUR).toUpperCase(),
    madeAt(RESTORED + HOUR).replace('-8a54-', '-ca54-'),
  ])('may be an old one for as long as a message lives: %s', (id) => {
    const at = (createdAt: number) => forgottenSince({ messageId: id as MessageId, createdAt }, [RESTORE]);
    expect([at(RESTORED), at(RESTORED + 168 * HOUR), at(RESTORED + 168 * HOUR + 1)]).toEqual([
      TAKEN,
      TAKEN,
      null,
    ]);
  });
});

describe('the instant to look back to', () => {
  it('is the earliest of the backups that may have forgotten it', () => {
    const later = { takenAt: RESTORED + 5 * HOUR, restoredAt: RESTORED + 6 * HOUR };
    const since = (made: number) =>
      forgottenSince({ messageId: madeAt(made), createdAt: RESTORED + 7 * HOUR }, [RESTORE, later]);
    expect(since(TAKEN)).toBe(TAKEN);
    expect(since(RESTORED + 2 * HOUR)).toBe(later.takenAt);
    expect(since(RESTORED + 7 * HOUR)).toBeNull();
  });

  it('is none where nothing was ever restored', () => {
    expect(forgottenSince({ messageId: V4 as MessageId, createdAt: 0 }, [])).toBeNull();
  });

  const instant = fc.integer({ min: 0, max: 2 ** 45 });
  const restore = fc.tuple(instant, instant).map(([a, b]) => ({
    takenAt: Math.min(a, b),
    restoredAt: Math.max(a, b),
  }));
  holds(
    'is never later than the backup of a restore that came after the id was made',
    fc.property(instant, fc.array(restore), instant, (made, restores, createdAt) => {
      const since = forgottenSince({ messageId: madeAt(made), createdAt }, restores);
      for (const { takenAt, restoredAt } of restores)
        if (made <= restoredAt) expect(since).toBeLessThanOrEqual(takenAt);
    }),
  );
});

const digest = (letter: string) => letter.repeat(64) as TokenDigest;
const BOB: Peer = {
  name: 'bob' as PeerName,
  nodeId: 'nbob' as NodeId,
  login: 'bob@example.com',
  tokenDigest: digest('a'),
  overlap: null,
  replies: BY_TASK,
  state: 'active',
  expiresAt: null,
};
const PRESENT: PresentPeer = {
  name: 'bob',
  nodeId: 'nbob',
  login: 'bob@example.com',
  isRevoked: false,
  expiresAt: null,
  digests: [digest('a')],
};
const carol: PresentPeer = { ...PRESENT, name: 'carol', nodeId: 'ncarol', digests: [digest('c')] };
const bound = (back: ReturnType<typeof comeBack>) =>
  back === null ? null : { nodeId: back.nodeId, login: back.login, expiresAt: back.expiresAt };

describe('a peer of the backup', () => {
  it.each<[string, Partial<Peer>, readonly PresentPeer[], boolean]>([
    ['that nothing is known of', {}, [], true],
    ['beside others', {}, [carol], true],
    ['that is there with its token', {}, [carol, PRESENT], true],
    ['that was paused', { state: 'paused' }, [], true],
    ['that has another name now', {}, [{ ...PRESENT, name: 'bobby' }], true],
    ['that was revoked since', {}, [{ ...PRESENT, isRevoked: true }], false],
    ['that was revoked and has another name', {}, [{ ...PRESENT, name: 'b', isRevoked: true }], false],
    ['that was revoked before', { state: 'revoked' }, [PRESENT], false],
    ['whose pairing was not complete', { state: 'provisional' }, [], false],
    ['that has another token now', {}, [{ ...PRESENT, digests: [digest('b')] }], false],
    ['whose name another node has now', {}, [{ ...carol, name: 'bob' }], false],
    ['whose node has another name and token', {}, [{ ...carol, nodeId: 'nbob' }], false],
    [
      'whose new token it has by now',
      { overlap: { digest: digest('b'), until: null } },
      [{ ...PRESENT, digests: [digest('b')] }],
      true,
    ],
    ['that is to have a new token', {}, [{ ...PRESENT, digests: [digest('b'), digest('a')] }], true],
  ])('%s', (_, over, present, isBack) => {
    expect(comeBack({ ...BOB, ...over }, present) !== null).toBe(isBack);
  });

  it('keeps its node and end, and has those of the present database where that knows its token', () => {
    expect(bound(comeBack({ ...BOB, expiresAt: 7 }, []))).toEqual({
      nodeId: 'nbob',
      login: 'bob@example.com',
      expiresAt: 7,
    });
    const moved = { ...PRESENT, nodeId: 'nnew', login: 'new@example.com', expiresAt: 5 };
    expect(bound(comeBack(BOB, [moved]))).toEqual({ nodeId: 'nnew', login: 'new@example.com', expiresAt: 5 });
  });
});
