/**
 * Pairing by hand: each owner names the other's node and passes on the token that was made for the other.
 *
 * - A peer is bound to the one node that the name, address or id stands for; where that is not one node, nothing is made.
 * - The token for a peer is shown once and kept as a digest; the token of a peer is kept sealed.
 * - A grant is exactly what the owner asked for: who, which session, what, how often, until when. What makes no sense is
 *   refused, and what may not have been meant is said.
 * - Storing the token of a peer lets agents of this machine write to it, and changes no word that was said before.
 * - A peer gets another name or node only where that is nobody's, and a revoke leaves nothing of it that could be used.
 * - Nothing that is shown, logged or thrown contains a token.
 */
import { describe, expect, it } from 'vitest';
import { BY_TASK, type NodeId, type PeerName } from '../../src/core/peer.ts';
import { createDigests } from '../../src/digests.ts';
import { createPeerAdmin } from '../../src/pairing/peer-admin.ts';
import type { GrantWish } from '../../src/ports/owner.ts';
import type { TailnetNode, TailnetStatus } from '../../src/ports/tailnet.ts';
import { newPeerToken } from '../../src/digests.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleInbound,
  sampleInvite,
  sampleOutbound,
  sampleOutboundGrant,
  samplePeer,
} from '../harness/samples.ts';
import { tempStore } from '../harness/temp-store.ts';

function node(id: string, name: string, over: Partial<TailnetNode> = {}): TailnetNode {
  const [hostName = name] = name.split('.');
  return {
    nodeId: id as NodeId,
    dnsName: `${name}.lab.internal`,
    hostName,
    login: `${hostName}@example.com`,
    ipv4: `100.64.0.${id.slice(1)}`,
    online: true,
    ...over,
  };
}

const SELF = node('n1', 'alice');
const NODES = [
  node('n2', 'bob'),
  node('n3', 'carol'),
  node('n4', 'macbook'),
  node('n5', 'macbook-1', { hostName: 'MacBook' }),
];

function ground(over: Partial<TailnetStatus> = {}) {
  const clock = createFakeClock();
  const store = tempStore(clock);
  const log = createMemoryLog();
  const status: TailnetStatus = {
    backendState: 'Running',
    tun: true,
    version: '1.0',
    health: [],
    self: SELF,
    keyExpiresAt: null,
    peers: NODES,
    ...over,
  };
  const tailnet = { status: () => Promise.resolve(status) };
  const told: string[] = [];
  const admin = createPeerAdmin({
    peers: store.peers,
    pairings: store.pairings,
    tailnet,
    digests: createDigests(),
    clock,
    log,
    onRevoked: ({ name }, { outbox, inbox }) =>
      void told.push([`revoked ${name}`, ...outbox, ...inbox].join(' ')),
    onPaused: (peer) => {
      told.push(`paused ${peer?.name ?? 'all'}`);
      return 2;
    },
    onResumed: (peer) => void told.push(`resumed ${peer?.name ?? 'all'}`),
    onChanged: (name) => void told.push(`changed ${name}`),
  });
  return { store, clock, log, admin, told };
}

describe('adding a peer', () => {
  it.each(['n2', '100.64.0.2', 'bob', 'BOB', 'bob.lab.internal', 'Bob.Lab.Internal.', ' bob '])(
    'finds its node by %j',
    async (raw) => {
      const { admin } = ground();
      expect((await admin.add('bob', raw)).peer).toMatchObject({ nodeId: 'n2', login: 'bob@example.com' });
    },
  );

  it('shows the token once, and keeps only its digest', async () => {
    const { admin, store, log } = ground();
    const { peer, token } = await admin.add('bob', 'bob');
    expect(token).toMatch(/^apt_[A-Za-z0-9_-]{43}$/);
    expect(peer).toEqual({
      name: 'bob',
      nodeId: 'n2',
      login: 'bob@example.com',
      tokenDigest: createDigests().token(token),
      overlap: null,
      state: 'active',
      expiresAt: null,
      replies: BY_TASK,
    });
    expect(store.peers.listPeers()).toEqual([peer]);
    expect(JSON.stringify(admin.list()) + log.text()).not.toContain(token);
    expect(log.events).toEqual([
      ['peer-added', { peer: 'bob', nodeId: 'n2', login: 'bob@example.com', replyMode: 'task' }],
    ]);
  });

  it.each([
    ['nobody', 'no node of the tailnet is "nobody"', /^Known nodes: bob\.lab\.internal, carol\.lab/],
    ['', 'no node of the tailnet is ""', /Known nodes/],
    ['alice', '"alice" is this node itself', /Known nodes/],
    ['n1', '"n1" is this node itself', /Known nodes/],
    ['bob.other.internal', 'no node of the tailnet is', /Known nodes/],
    ['100.64.0.99', 'no node of the tailnet is', /Known nodes/],
    [
      'macbook',
      'fits macbook.lab.internal (n4) and macbook-1.lab.internal (n5): give the full name',
      /Known nodes/,
    ],
  ])('on node %j is refused: %s', async (raw, what, fix) => {
    const { admin, store } = ground();
    const adding = admin.add('bob', raw);
    await expect(adding).rejects.toMatchObject({
      code: 'node-not-found',
      fix: expect.stringMatching(fix) as string,
    });
    await expect(adding).rejects.toThrow(what);
    expect(store.peers.listPeers()).toEqual([]);
  });

  it('never takes a node for the one whose id or address it only claims as its host name', async () => {
    const liar = node('n9', 'liar', { hostName: 'n2' });
    const { admin } = ground({ peers: [liar, ...NODES] });
    expect((await admin.add('bob', 'n2')).peer.nodeId).toBe('n2');
  });

  it('says so when no other node is seen at all', async () => {
    const { admin } = ground({ peers: [] });
    await expect(admin.add('bob', 'bob')).rejects.toMatchObject({
      fix: expect.stringContaining('tailnet policy') as string,
    });
  });

  it('is refused for a name or a node that is taken, and for what is no name', async () => {
    const { admin } = ground();
    await admin.add('bob', 'bob');
    await expect(admin.add('bob', 'carol')).rejects.toMatchObject({ code: 'peer-exists' });
    await expect(admin.add('bobby', 'n2')).rejects.toThrow('that node is the peer "bob" already');
    await expect(admin.add('Bob!', 'carol')).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(admin.add('self', 'carol')).rejects.toMatchObject({ code: 'input-invalid' });
  });
});

describe('the token that a peer’s owner gave us', () => {
  it('is stored, and shown as there', async () => {
    const { admin, store, log } = ground();
    await admin.add('bob', 'bob');
    expect(admin.list()).toMatchObject([{ name: 'bob', hasOutboundToken: false }]);
    const token = newPeerToken();
    admin.storeToken('bob', `${token}\n`);
    expect(admin.list()).toMatchObject([{ name: 'bob', hasOutboundToken: true }]);
    expect(store.peers.outboundToken('bob' as never)).toBe(token);
    expect(JSON.stringify(admin.list()) + log.text()).not.toContain(token.slice(4));
  });

  it.each(['', 'apt_', 'secret', `apt_${'a'.repeat(42)}`, `apt_${'a'.repeat(44)}`, `apt_${'a'.repeat(42)}!`])(
    'is refused when it is no token, as %j, and not repeated',
    async (raw) => {
      const { admin } = ground();
      await admin.add('bob', 'bob');
      const store = () => admin.storeToken('bob', raw);
      expect(store).toThrow(expect.objectContaining({ code: 'input-invalid' }) as Error);
      expect(store).toThrow('that is not a peer token (apt_…)');
    },
  );

  it('is refused when it is the one made here, which would be the wrong direction', async () => {
    const { admin } = ground();
    const { token } = await admin.add('bob', 'bob');
    expect(() => admin.storeToken('bob', token)).toThrow('that is a token made here');
    expect(() => admin.storeToken('carol', token)).toThrow('no peer is called "carol"');
  });
});

describe('agents of this machine', () => {
  it('may write to a peer from the moment that its token is stored, and not before', async () => {
    const { admin, store } = ground();
    await admin.add('bob', 'bob');
    expect(store.peers.policy().outbound.get(BOB)).toBeUndefined();
    admin.storeToken('bob', newPeerToken());
    expect([...(store.peers.policy().outbound.get(BOB)?.values() ?? [])]).toEqual([
      { direction: 'outbound', peer: 'bob', alias: 'any', hold: 'none', replySession: null, expiresAt: null },
    ]);
    expect(admin.grants()).toEqual([]);
  });

  it('get no more by another token than the owner allowed them', async () => {
    const { admin, store, clock } = ground();
    await admin.add('bob', 'bob');
    const narrow = sampleOutboundGrant({ alias: HANDOFF, hold: 'both', expiresAt: clock.now() + 1 });
    store.peers.putGrant(narrow);
    admin.storeToken('bob', newPeerToken());
    expect(store.peers.listGrants(BOB)).toEqual([narrow]);
  });
});

/** What is thrown, as an error to match. */
const error = (code: string, message?: string) =>
  expect.objectContaining({
    code,
    ...(message === undefined ? {} : { message: expect.stringContaining(message) as string }),
  }) as Error;

describe('a peer, later', () => {
  it('is renamed to a name that nobody has, had, or is invited under', async () => {
    const { admin, store, told, log, clock } = ground();
    await admin.add('bob', 'bob');
    await admin.add('carol', 'carol');
    await admin.add('dave', 'n4');
    admin.revoke('dave');
    const createdAt = clock.now();
    const invite = sampleInvite('i', { peer: 'erin' as PeerName, createdAt, expiresAt: createdAt + 1 });
    store.pairings.addInvite(invite);
    told.length = 0;
    for (const [to, code, why] of [
      ['carol', 'peer-exists', 'there is, or was, a peer called "carol"'],
      ['dave', 'peer-exists', 'there is, or was, a peer called "dave"'],
      ['erin', 'peer-exists', 'an open invite has the name "erin"'],
      ['all', 'input-invalid', '"all" is a reserved name'],
      ['Bob', 'input-invalid', 'not a peer name'],
    ] as const)
      expect(() => admin.rename('bob', to), to).toThrow(error(code, why));
    expect(() => admin.rename('frank', 'grace')).toThrow(error('peer-not-found'));
    clock.advance(1);
    expect(admin.rename('bob', 'erin')).toMatchObject({ name: 'erin', nodeId: 'n2', state: 'active' });
    expect(admin.list().map(({ name }) => name)).toEqual(['carol', 'dave', 'erin']);
    expect(told).toEqual(['changed erin']);
    expect(log.events.at(-1)).toEqual(['peer-renamed', { from: 'bob', peer: 'erin' }]);
  });

  it('is bound to another node, and is shown first to which', async () => {
    const { admin, told, log } = ground();
    const { token } = await admin.add('bob', 'bob');
    await admin.add('carol', 'carol');
    const before = admin.find('bob');
    const wish = await admin.rebind('bob', 'n4', true);
    expect(wish.after).toMatchObject({ nodeId: 'n4', login: 'macbook@example.com' });
    expect([admin.find('bob'), told]).toEqual([before, []]);
    await expect(admin.rebind('bob', 'carol', false)).rejects.toThrow(error('peer-exists'));
    await expect(admin.rebind('bob', 'nowhere', false)).rejects.toThrow(error('node-not-found'));
    const { after } = await admin.rebind('bob', 'n4', false);
    expect(admin.find('bob')).toEqual({ ...after, hasOutboundToken: false });
    expect(after.tokenDigest).toBe(createDigests().token(token));
    expect(told).toEqual(['changed bob']);
    expect(log.events.at(-1)).toEqual([
      'peer-rebound',
      { peer: 'bob', from: 'n2', nodeId: 'n4', login: 'macbook@example.com' },
    ]);
  });

  it('is revoked with all that was its own, which is told to who has it open', async () => {
    const { admin, store, told } = ground();
    await admin.add('bob', 'bob');
    admin.storeToken('bob', newPeerToken());
    admin.grant({ peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:x' });
    store.outbox.add(sampleOutbound('out'));
    store.inbox.accept(sampleInbound('in'));
    told.length = 0;
    expect(admin.revoke('bob')).toMatchObject({ peer: { state: 'revoked' }, outbound: 1, inbound: 1 });
    expect(told).toEqual(['revoked bob out task-in']);
    expect(admin.allGrants('bob')).toEqual([]);
    expect(admin.find('bob')).toMatchObject({ hasOutboundToken: false });
    const changes: readonly (() => unknown)[] = [
      () => admin.storeToken('bob', newPeerToken()),
      () => admin.grant({ peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:x' }),
      () => admin.grantOutbound({ peer: 'bob', alias: 'any' }),
    ];
    for (const change of changes) expect(change).toThrow(error('peer-not-active', '"bob" was revoked'));
    await expect(admin.rebind('bob', 'carol', false)).rejects.toThrow(error('peer-not-active'));
    expect(() => admin.revoke('dora')).toThrow(error('peer-not-found'));
  });

  it('that was revoked leaves its name and its node to the next one', async () => {
    const { admin } = ground();
    const { token } = await admin.add('bob', 'bob');
    admin.grant({ peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:x' });
    admin.revoke('bob');
    const again = await admin.add('bob', 'bob');
    expect(again.token).not.toBe(token);
    expect([admin.list(), admin.allGrants()]).toMatchObject([[{ name: 'bob', state: 'active' }], []]);
  });

  it('may last for a time', async () => {
    const { admin, clock } = ground();
    expect((await admin.add('bob', 'bob', 60_000)).peer.expiresAt).toBe(clock.now() + 60_000);
    await expect(admin.add('carol', 'carol', 0)).rejects.toThrow(error('input-invalid'));
    expect(admin.list()).toHaveLength(1);
  });
});

describe('grants, taken back', () => {
  it('are those of one direction and alias, and what is none is told', async () => {
    const { admin } = ground();
    await admin.add('bob', 'bob');
    admin.grant({ peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:x' });
    const given = admin.grantOutbound({ peer: 'bob', alias: 'handoff', hold: 'both', expiresInMs: 1000 });
    expect(given).toMatchObject({ direction: 'outbound', alias: 'handoff', hold: 'both' });
    expect(() => admin.removeGrant('bob', 'any', 'outbound')).toThrow(error('grant-not-found'));
    expect(() => admin.removeGrant('bob', 'other', 'inbound')).toThrow(error('grant-not-found'));
    expect(() => admin.removeGrant('bob', 'Hand Off', 'inbound')).toThrow(error('alias-invalid'));
    admin.removeGrant('bob', 'handoff', 'inbound');
    expect(admin.allGrants()).toEqual([given]);
    admin.removeGrant('bob', 'handoff', 'outbound');
    expect(admin.allGrants('bob')).toEqual([]);
  });
});

describe('grants', () => {
  const SHARED = 'agent:main:shared';

  async function withPeers() {
    const made = ground();
    await made.admin.add('bob', 'bob');
    await made.admin.add('carol', 'carol');
    const grant = (alias: string, sessionKey: string, more: Partial<GrantWish> = {}) =>
      made.admin.grant({ peer: 'bob', alias, sessionKey, ...more });
    return { ...made, grant };
  }

  it('give an alias to one peer, on the canonical session key', async () => {
    const { admin, store, grant } = await withPeers();
    const given = grant('handoff', ' Agent:Main:Peer-Bob ');
    expect(given).toEqual({
      grant: {
        direction: 'inbound',
        peer: 'bob',
        alias: 'handoff',
        sessionKey: 'agent:main:peer-bob',
        operations: ['message-send', 'task-read', 'task-cancel'],
        sendsPerMinute: null,
        hold: 'none',
        expiresAt: null,
      },
      warnings: [],
    });
    expect(admin.grants('bob')).toEqual([given.grant]);
    expect(admin.grants('carol')).toEqual([]);
    expect(admin.grants()).toEqual([given.grant]);
    expect(store.peers.policy().inbound.get(BOB)?.get(HANDOFF)).toEqual(given.grant);
    expect(store.peers.policy().inbound.get(CAROL)).toBeUndefined();
  });

  it('are as narrow as the owner says', async () => {
    const { admin, clock, grant } = await withPeers();
    const terms = { expiresInMs: 60_000, operations: ['task-read', 'message-send'], sendsPerMinute: 1000 };
    expect(grant('handoff', SHARED, terms).grant).toMatchObject({
      operations: ['message-send', 'task-read'],
      sendsPerMinute: 1000,
      expiresAt: clock.now() + 60_000,
    });
    expect(grant('handoff', SHARED).grant).toMatchObject({ sendsPerMinute: null, expiresAt: null });
    expect(admin.grants()).toHaveLength(1);
  });

  it.each([
    [{ operations: [] }, 'operations: a grant of none allows nothing'],
    [{ operations: ['message-send', 'message-send'] }, 'operations: one is named twice'],
    [{ operations: ['message-send', 'card-read'] }, 'operations: "card-read" cannot be granted'],
    [{ operations: ['message-submit'] }, 'operations: "message-submit" cannot be granted'],
    [{ operations: ['Message-Send'] }, 'operations: "Message-Send" cannot be granted'],
    [{ sendsPerMinute: 0 }, 'sends per minute: 0 is no limit'],
    [{ sendsPerMinute: 1001 }, 'sends per minute: 1001 is no limit'],
    [{ sendsPerMinute: 1.5 }, 'sends per minute: 1.5 is no limit'],
    [{ sendsPerMinute: Number.NaN }, 'sends per minute: NaN is no limit'],
    [{ expiresInMs: 0 }, 'expiry: not a time that a grant can last'],
    [{ expiresInMs: -1 }, 'expiry: not a time that a grant can last'],
    [{ expiresInMs: Number.NaN }, 'expiry: not a time that a grant can last'],
    [{ expiresInMs: Infinity }, 'expiry: not a time that a grant can last'],
    [{ expiresInMs: 3_650 * 86_400_000 + 1 }, 'expiry: not a time that a grant can last'],
  ])('with %o are refused', async (wrong, what) => {
    const { admin, grant } = await withPeers();
    const granting = () => grant('handoff', SHARED, wrong);
    expect(granting).toThrow(expect.objectContaining({ code: 'input-invalid', message: what }) as Error);
    expect(admin.grants()).toEqual([]);
  });

  it('warn about a main session, and about an alias that meant another one', async () => {
    const { grant } = await withPeers();
    expect(grant('talk', 'agent:main:main').warnings).toEqual([
      'agent:main:main is the main session: "bob" will write where you talk to your agent',
    ]);
    expect(grant('talk', 'agent:main:other').warnings).toEqual([
      '"talk" was agent:main:main for "bob" until now',
    ]);
    expect(grant('talk', 'agent:main:other').warnings).toEqual([]);
  });

  it('warn about a session that another peer reads too, in whatever spelling', async () => {
    const { admin, grant } = await withPeers();
    admin.grant({ peer: 'carol', alias: 'plan', sessionKey: SHARED });
    expect(grant('handoff', ' AGENT:main:Shared').warnings).toEqual([
      'agent:main:shared is open to "carol" as well, as "plan": each can get to know through the model what the other writes there',
    ]);
    expect(grant('second', 'agent:main:own').warnings).toEqual([]);
    expect(grant('third', 'agent:main:own').warnings).toEqual([]);
  });

  it.each(['agent:main:cron:x', 'agent:main:telegram:group:1', 'agent:main:subagent:x'])(
    'take %s only when the owner says so, and then warn',
    async (key) => {
      const { admin, grant } = await withPeers();
      const refused = () => grant('handoff', key);
      expect(refused).toThrow(
        expect.objectContaining({
          code: 'session-key-invalid',
          fix: expect.stringContaining('--special') as string,
        }) as Error,
      );
      expect(admin.grants()).toEqual([]);
      const { grant: given, warnings } = grant('handoff', key, { special: true });
      expect(given.sessionKey).toBe(key);
      expect(warnings).toEqual([
        expect.stringMatching(new RegExp(`^${key} (is|belongs|carries) `)) as string,
      ]);
    },
  );

  it.each([
    ['dora', 'handoff', 'agent:main:x', 'peer-not-found'],
    ['bob', 'Hand Off', 'agent:main:x', 'alias-invalid'],
    ['bob', 'handoff', 'main', 'session-key-invalid'],
    ['bob', 'handoff', 'agent:main:global', 'session-key-invalid'],
    ['bob', 'handoff', 'agent:main:current', 'session-key-invalid'],
  ])('for %s, %s, %s are refused as %s, whatever the owner says', async (peer, alias, sessionKey, code) => {
    const { admin } = await withPeers();
    const granting = () => admin.grant({ peer, alias, sessionKey, special: true });
    expect(granting).toThrow(expect.objectContaining({ code }) as Error);
    expect(admin.grants()).toEqual([]);
  });

  it('of an unknown peer cannot be listed', () => {
    const { admin } = ground();
    expect(() => admin.grants('dora')).toThrow(expect.objectContaining({ code: 'peer-not-found' }) as Error);
  });
});

describe('a pause', () => {
  async function withPeers() {
    const all = ground();
    await all.admin.add('bob', 'n2');
    return all;
  }

  it('of everything, and of one peer, do not change each other', async () => {
    const { admin, told } = await withPeers();
    expect(admin.pause()).toEqual({ isPaused: true, pausedPeers: [], turnsStopped: 2 });
    expect(admin.pause('bob')).toMatchObject({ isPaused: true, pausedPeers: ['bob'] });
    expect(admin.resume()).toEqual({ isPaused: false, pausedPeers: ['bob'] });
    expect(admin.find('bob').state).toBe('paused');
    expect(admin.resume('bob')).toEqual({ isPaused: false, pausedPeers: [] });
    expect(told.filter((line) => /paused|resumed/.test(line))).toEqual([
      'paused all',
      'paused bob',
      'resumed all',
      'resumed bob',
    ]);
  });

  it('may be said again, and taken back again', async () => {
    const { admin } = await withPeers();
    for (const peer of [undefined, 'bob']) {
      for (const say of ['pause', 'pause', 'resume', 'resume'] as const) admin[say](peer);
    }
    expect(admin.pauses()).toEqual({ isPaused: false, pausedPeers: [] });
    expect(admin.find('bob').state).toBe('active');
  });

  it.each([
    ['provisional', /not complete, so it may do nothing yet/, 'peers confirm dave'],
    ['revoked', /was revoked, and may do nothing/, 'invite create'],
  ] as const)(
    'and its end are nothing for a peer that is %s: it would become one',
    async (state, what, fix) => {
      const { admin, store } = await withPeers();
      store.peers.addPeer(samplePeer('dave' as PeerName, { state }));
      for (const say of ['pause', 'resume'] as const) {
        expect(() => admin[say]('dave')).toThrow(
          expect.objectContaining({
            code: 'peer-not-active',
            message: expect.stringMatching(what) as string,
            fix: expect.stringContaining(fix) as string,
          }) as Error,
        );
      }
      expect(admin.find('dave').state).toBe(state);
      expect(() => admin.pause('nobody')).toThrow(
        expect.objectContaining({ code: 'peer-not-found' }) as Error,
      );
    },
  );
});
