/**
 * Invites and pairings that are under way, as they lie on disk.
 *
 * - What was written comes back as it was, also after a restart. Secrets and tokens are sealed, and of a secret that was
 *   given out only the digest is there.
 * - An invite is used and its pairing begun together, or neither.
 * - A peer is provisional until the last fact is known, and active with it, in one step.
 * - A pairing that is given up leaves nothing that could be used. A peer that was only ever provisional is forgotten; one
 *   that has messages stays, as a revoked one.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleGrant,
  sampleInbound,
  sampleInvite,
  sampleOutboundGrant,
  samplePairing,
  samplePeer,
} from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';

const DAY_MS = 86_400_000;
const NODE = samplePeer(BOB).nodeId;
const OUTBOUND = `apt_${'o'.repeat(43)}`;
const REPORTS = 'reports' as Alias;
const INBOX = 'inbox' as Alias;

/** As the maker of an invite has it: without a secret, and with the token that came with the claim. */
const CLAIMED = { secret: null, hasToken: true, offered: [INBOX] };

/** All that a pairing writes. */
function tracesOf({ peers, pairings }: TempStore) {
  return {
    peers: peers.listPeers(),
    grants: peers.listGrants(),
    tokens: peers.listPeers().map(({ name }) => [peers.outboundToken(name), peers.untold(name)]),
    pairings: pairings.list(),
    invites: pairings.listInvites(),
  };
}

describe('an invite', () => {
  const full = sampleInvite('full', {
    peer: CAROL,
    nodeId: NODE,
    confirmed: true,
    grants: [
      sampleGrant({ peer: CAROL, hold: 'both' }),
      sampleGrant({
        peer: CAROL,
        alias: REPORTS,
        operations: ['message-send'],
        sendsPerMinute: 3,
        expiresAt: Date.UTC(2026, 5, 1),
      }),
    ],
    hold: 'both',
    peerExpiresAt: Date.UTC(2026, 6, 1),
    createdAt: Date.UTC(2026, 0, 2),
  });

  it('comes back as it was written, the newest first, by its id and by its secret', () => {
    const store = tempStore();
    const plain = sampleInvite('plain', { grants: [] });
    for (const invite of [plain, full]) store.pairings.addInvite(invite);
    const isThere = ({ pairings }: TempStore) => {
      expect(pairings.listInvites()).toEqual([full, plain]);
      expect(pairings.findInvite('full')).toEqual(full);
      expect(pairings.findInviteBySecret(plain.secretDigest)).toEqual(plain);
      expect(pairings.findInvite('other')).toBeNull();
      expect(pairings.findInviteBySecret(samplePeer().tokenDigest)).toBeNull();
    };
    isThere(store);
    isThere(store.reopen());
  });

  it('takes the place of an older one for the same name, and of a pairing that waits under it', () => {
    const { pairings, peers } = tempStore();
    pairings.addInvite(sampleInvite('first'));
    pairings.addInvite(sampleInvite('other', { peer: CAROL }));
    pairings.begin(samplePairing(BOB));
    pairings.addInvite(sampleInvite('second'));
    expect(pairings.listInvites().map(({ id, cancelled }) => [id, cancelled])).toEqual([
      ['first', true],
      ['other', false],
      ['second', false],
    ]);
    expect([pairings.list(), peers.listPeers()]).toEqual([[], []]);
  });

  it('that was used stays as it is when another is made', () => {
    const { pairings } = tempStore();
    pairings.addInvite(sampleInvite('first'));
    pairings.claim(sampleInvite('first'), NODE, samplePairing(BOB, CLAIMED), OUTBOUND);
    pairings.addInvite(sampleInvite('second'));
    expect(pairings.findInvite('first')).toMatchObject({ claimedBy: NODE, cancelled: false });
  });

  it('is forgotten a week after its end, when another is made', () => {
    const { pairings } = tempStore();
    const old = sampleInvite('old');
    pairings.addInvite(old);
    const later = (id: string, createdAt: number) =>
      pairings.addInvite(sampleInvite(id, { peer: CAROL, createdAt }));
    later('week', old.expiresAt + 7 * DAY_MS);
    expect(pairings.findInvite('old')).toEqual(old);
    later('more', old.expiresAt + 7 * DAY_MS + 1);
    expect(pairings.findInvite('old')).toBeNull();
  });

  it('is cancelled once, with the pairing that it has led to, and not when that is complete', () => {
    const store = tempStore();
    const { pairings, peers } = store;
    for (const id of ['open', 'used', 'done']) {
      const peer = `p${id}` as PeerName;
      const invite = sampleInvite(id, { peer });
      pairings.addInvite(invite);
      if (id !== 'open') pairings.claim(invite, NODE, samplePairing(peer, CLAIMED), OUTBOUND);
      if (id === 'done') pairings.update(peer, () => ALL_TRUE);
    }
    const cancel = (id: string) => pairings.cancelInvite(id);
    expect(['open', 'used', 'done', 'other'].map(cancel)).toEqual([true, true, false, false]);
    expect(['open', 'used', 'done'].map(cancel)).toEqual([false, false, false]);
    expect(peers.listPeers().map(({ name, state }) => [name, state])).toEqual([['pdone', 'active']]);
    expect(
      store
        .reopen()
        .pairings.listInvites()
        .map(({ id, cancelled }) => [id, cancelled]),
    ).toEqual([
      ['done', false],
      ['open', true],
      ['used', true],
    ]);
  });

  it('that makes no sense keeps the store from being read as if it did', () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    store.pairings.addInvite(sampleInvite('odd'));
    store.close();
    const SPOILT = [
      `hold = 'maybe'`,
      `secret_digest = 'x'`,
      `peer = 'All!'`,
      `node_id = ''`,
      `claimed_by = '-'`,
      `grants = replace(grants, 'inbound', 'outbound')`,
      `grants = replace(grants, 'agent:main', 'main')`,
    ];
    for (const set of SPOILT) {
      const db = new DatabaseSync(join(folder, 'agent-peer.db'));
      db.exec(`CREATE TABLE kept AS SELECT * FROM invites; UPDATE invites SET ${set}`);
      db.close();
      const spoilt = tempStore(createFakeClock(), folder);
      expect(() => spoilt.pairings.listInvites(), set).toThrow('the policy is unreadable');
      spoilt.close();
      const again = new DatabaseSync(join(folder, 'agent-peer.db'));
      again.exec('DELETE FROM invites; INSERT INTO invites SELECT * FROM kept; DROP TABLE kept');
      again.close();
    }
    expect(tempStore(createFakeClock(), folder).pairings.listInvites()).toHaveLength(1);
  });
});

const ALL_TRUE = { hasToken: true, ownConfirmed: true, otherConfirmed: true, otherReady: true };

describe('a claim', () => {
  const invite = sampleInvite('one');

  it('marks the invite and begins the pairing', () => {
    const store = tempStore();
    store.pairings.addInvite(invite);
    const made = samplePairing(BOB, CLAIMED);
    store.pairings.claim(invite, NODE, made, OUTBOUND);
    const isThere = (open: TempStore) =>
      expect(tracesOf(open)).toEqual({
        peers: [made.peer],
        grants: [sampleGrant(), sampleOutboundGrant()],
        tokens: [[OUTBOUND, made.token]],
        pairings: [{ ...made.record, peer: BOB }],
        invites: [{ ...invite, claimedBy: NODE }],
      });
    isThere(store);
    isThere(store.reopen());
  });

  it('lets agents here write to who offers something, held as the invite says, and to nobody else', () => {
    const store = tempStore();
    const outboundOf = (name: string, over: Parameters<typeof samplePairing>[1]) => {
      const one = sampleInvite(name, { peer: name as PeerName });
      store.pairings.addInvite(one);
      store.pairings.claim(one, NODE, samplePairing(name, { ...CLAIMED, ...over }), OUTBOUND);
      return store.peers.listGrants(name as PeerName).filter(({ direction }) => direction === 'outbound');
    };
    expect(outboundOf('erin', { hold: 'both' })).toEqual([
      sampleOutboundGrant({ peer: 'erin' as PeerName, hold: 'both' }),
    ]);
    expect(outboundOf('frank', { offered: [] })).toEqual([]);
    expect(outboundOf('grace', { offered: null })).toEqual([]);
  });

  it('that cannot be done to its end is not done at all', () => {
    const folder = tempFolder();
    const store = tempStore(createFakeClock(), folder);
    store.pairings.addInvite(invite);
    store.close();
    const db = new DatabaseSync(join(folder, 'agent-peer.db'));
    db.exec(
      `CREATE TRIGGER broken BEFORE UPDATE OF claimed_by ON invites BEGIN SELECT RAISE(ABORT, 'broken'); END`,
    );
    db.close();
    const later = tempStore(createFakeClock(), folder);
    const before = tracesOf(later);
    const claim = () => later.pairings.claim(invite, NODE, samplePairing(BOB, CLAIMED), OUTBOUND);
    expect(claim).toThrow('broken');
    expect(tracesOf(later)).toEqual(before);
    expect(later.peers.policy().peers).toEqual([]);
    expect(tracesOf(later.reopen())).toEqual(before);
  });

  it('under the name of a peer is refused, and changes nothing', () => {
    const store = tempStore();
    store.pairings.addInvite(invite);
    store.peers.addPeer(samplePeer(BOB));
    const before = tracesOf(store);
    const claim = () => store.pairings.claim(invite, NODE, samplePairing(BOB, CLAIMED), OUTBOUND);
    expect(claim).toThrow(expect.objectContaining({ code: 'peer-exists' }) as Error);
    expect(tracesOf(store)).toEqual(before);
  });

  it('under the name of a revoked peer begins with nothing of it', () => {
    const store = tempStore();
    store.peers.addPeer(samplePeer(BOB));
    store.peers.putGrant(sampleGrant({ alias: REPORTS }));
    store.peers.revoke(BOB, Date.UTC(2026, 0, 1));
    store.pairings.addInvite(invite);
    const made = samplePairing(BOB, CLAIMED);
    store.pairings.claim(invite, NODE, made, OUTBOUND);
    expect(tracesOf(store)).toMatchObject({
      peers: [made.peer],
      grants: [sampleGrant(), sampleOutboundGrant()],
    });
  });

  it('that comes anew takes the place of the pairing that it began before', () => {
    const store = tempStore();
    store.pairings.addInvite(invite);
    const first = samplePairing(BOB, { ...CLAIMED, ownConfirmed: true });
    store.pairings.claim(invite, NODE, first, OUTBOUND);
    const made = samplePairing(BOB, CLAIMED);
    const other = { ...made, grants: [], token: `apt_${'x'.repeat(43)}` };
    store.pairings.claim(invite, NODE, other, `${OUTBOUND.slice(0, -1)}x`);
    expect(tracesOf(store)).toMatchObject({
      grants: [sampleOutboundGrant()],
      tokens: [[`${OUTBOUND.slice(0, -1)}x`, other.token]],
      pairings: [{ ownConfirmed: false }],
    });
  });
});

describe('a pairing', () => {
  it('is on disk with its secret before anything is sent, and without it once the maker has answered', () => {
    const store = tempStore();
    const made = samplePairing(BOB, { ownConfirmed: true });
    store.pairings.begin(made);
    const later = store.reopen();
    expect(tracesOf(later)).toMatchObject({
      peers: [made.peer],
      grants: [sampleGrant()],
      tokens: [[null, made.token]],
      pairings: [{ ...made.record, peer: BOB }],
    });
    later.pairings.answered(BOB, { token: OUTBOUND, offered: [HANDOFF, REPORTS], expiresAt: 7 });
    expect(tracesOf(later.reopen())).toMatchObject({
      grants: [sampleGrant(), sampleOutboundGrant()],
      tokens: [[OUTBOUND, null]],
      pairings: [
        {
          ...made.record,
          peer: BOB,
          secret: null,
          hasToken: true,
          offered: [HANDOFF, REPORTS],
          expiresAt: 7,
        },
      ],
    });
  });

  it('keeps each fact, and makes its peer active with the last one', () => {
    let store = tempStore();
    store.pairings.begin(samplePairing(BOB));
    store.pairings.answered(BOB, { token: OUTBOUND, offered: [], expiresAt: 7 });
    const steps = [{ ownConfirmed: true }, { otherConfirmed: true }, {}, { otherReady: true }];
    const stages = steps.map((fact) => {
      const stage = store.pairings.update(BOB, (facts) => ({ ...facts, ...fact }));
      store = store.reopen();
      const [pairing = null] = store.pairings.list();
      return [stage, store.peers.findPeer(BOB)?.state, pairing?.ownConfirmed, pairing?.otherConfirmed];
    });
    expect(stages).toEqual([
      ['waiting', 'provisional', true, false],
      ['ready', 'provisional', true, true],
      ['ready', 'provisional', true, true],
      ['complete', 'active', undefined, undefined],
    ]);
    expect(store.pairings.update(BOB, () => ALL_TRUE)).toBeNull();
    expect([store.peers.outboundToken(BOB), store.peers.listGrants(BOB)]).toEqual([
      OUTBOUND,
      [sampleGrant()],
    ]);
  });

  it('is known to the very next question when it is complete', () => {
    const { pairings, peers } = tempStore();
    pairings.begin(samplePairing(BOB));
    expect(peers.policy().peers).toMatchObject([{ state: 'provisional' }]);
    pairings.update(BOB, () => ALL_TRUE);
    expect(peers.policy().peers).toMatchObject([{ state: 'active' }]);
  });

  it('that is given up leaves nothing, and no word of it can come later', () => {
    const store = tempStore();
    store.pairings.begin(samplePairing(BOB));
    store.pairings.drop(BOB);
    store.pairings.answered(BOB, { token: OUTBOUND, offered: [HANDOFF], expiresAt: 7 });
    expect(store.pairings.update(BOB, () => ALL_TRUE)).toBeNull();
    const NOTHING = { peers: [], grants: [], tokens: [], pairings: [], invites: [] };
    expect(tracesOf(store)).toEqual(NOTHING);
    expect(tracesOf(store.reopen())).toEqual(NOTHING);
  });

  it('that is given up leaves a revoked peer where there are messages of one of that name', () => {
    const store = tempStore();
    store.peers.addPeer(samplePeer(BOB));
    store.inbox.accept(sampleInbound('old'));
    store.peers.revoke(BOB, Date.UTC(2026, 0, 1));
    const made = samplePairing(BOB);
    store.pairings.begin(made);
    store.pairings.drop(BOB);
    expect(tracesOf(store)).toEqual({
      peers: [{ ...made.peer, state: 'revoked' }],
      grants: [],
      tokens: [[null, null]],
      pairings: [],
      invites: [],
    });
    expect(store.inbox.findMessage(BOB, sampleInbound('old').messageId)).toMatchObject({
      state: 'cancelled',
    });
  });

  it('is given up only while its peer is provisional', () => {
    const store = tempStore();
    store.peers.addPeer(samplePeer(BOB));
    store.peers.putGrant(sampleGrant());
    store.peers.addPeer(samplePeer(CAROL, { state: 'paused' }));
    const before = tracesOf(store);
    for (const name of [BOB, CAROL, 'nobody' as PeerName]) store.pairings.drop(name);
    expect(tracesOf(store)).toEqual(before);
  });

  it('under the name of a peer cannot be begun', () => {
    const store = tempStore();
    store.peers.addPeer(samplePeer(BOB, { state: 'paused' }));
    const node = 'nother' as NodeId;
    const begin = () => {
      const made = samplePairing(BOB);
      store.pairings.begin({ ...made, peer: { ...made.peer, nodeId: node } });
    };
    expect(begin).toThrow(expect.objectContaining({ code: 'peer-exists' }) as Error);
    expect(store.pairings.list()).toEqual([]);
    expect(store.peers.findPeer(BOB)?.state).toBe('paused');
  });
});
