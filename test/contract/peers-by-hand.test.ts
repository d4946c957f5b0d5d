/**
 * Pairing by hand: each owner names the other's node and passes on the token that was made for the other.
 *
 * - A peer is bound to the one node that the name, address or id stands for; where that is not one node, nothing is made.
 * - The token for a peer is shown once and kept as a digest; the token of a peer is kept sealed.
 * - Nothing that is shown, logged or thrown contains a token.
 */
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../src/core/peer.ts';
import { createDigests } from '../../src/digests.ts';
import { createPeerAdmin } from '../../src/pairing/peers-by-hand.ts';
import type { TailnetNode, TailnetStatus } from '../../src/ports.ts';
import { newPeerToken } from '../../src/digests.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
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
  const store = tempStore();
  const log = createMemoryLog();
  const status: TailnetStatus = {
    backendState: 'Running',
    tun: true,
    version: '1.0',
    health: [],
    self: SELF,
    peers: NODES,
    ...over,
  };
  const tailnet = { status: () => Promise.resolve(status) };
  const admin = createPeerAdmin({ peers: store.peers, tailnet, digests: createDigests(), log });
  return { store, log, admin };
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
      state: 'active',
    });
    expect(store.peers.listPeers()).toEqual([peer]);
    expect(JSON.stringify(admin.list()) + log.text()).not.toContain(token);
    expect(log.events).toEqual([['peer-added', { peer: 'bob', nodeId: 'n2', login: 'bob@example.com' }]]);
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

describe('grants', () => {
  it('give an alias to one peer, on the canonical session key', async () => {
    const { admin, store } = ground();
    await admin.add('bob', 'bob');
    await admin.add('carol', 'carol');
    const given = admin.grant('bob', 'handoff', ' Agent:Main:Peer-Bob ');
    expect(given).toEqual({
      grant: { peer: 'bob', alias: 'handoff', sessionKey: 'agent:main:peer-bob' },
      warnings: [],
    });
    expect(admin.grants('bob')).toEqual([given.grant]);
    expect(admin.grants('carol')).toEqual([]);
    expect(admin.grants()).toEqual([given.grant]);
    expect(
      store.peers
        .policy()
        .grants.get('bob' as never)
        ?.get('handoff' as never),
    ).toEqual(given.grant);
  });

  it('warn about a main session, and about an alias that meant another one', async () => {
    const { admin } = ground();
    await admin.add('bob', 'bob');
    expect(admin.grant('bob', 'talk', 'agent:main:main').warnings).toEqual([
      'agent:main:main is the main session: "bob" will write where you talk to your agent',
    ]);
    expect(admin.grant('bob', 'talk', 'agent:main:other').warnings).toEqual([
      '"talk" was agent:main:main for "bob" until now',
    ]);
  });

  it.each([
    ['dora', 'handoff', 'agent:main:x', 'peer-not-found'],
    ['bob', 'Hand Off', 'agent:main:x', 'alias-invalid'],
    ['bob', 'handoff', 'main', 'session-key-invalid'],
    ['bob', 'handoff', 'agent:main:cron:x', 'session-key-invalid'],
    ['bob', 'handoff', 'agent:main:telegram:group:1', 'session-key-invalid'],
  ])('for %s, %s, %s are refused as %s', async (peer, alias, key, code) => {
    const { admin } = ground();
    await admin.add('bob', 'bob');
    expect(() => admin.grant(peer, alias, key)).toThrow(expect.objectContaining({ code }) as Error);
    expect(admin.grants()).toEqual([]);
  });

  it('of an unknown peer cannot be listed', () => {
    const { admin } = ground();
    expect(() => admin.grants('dora')).toThrow(expect.objectContaining({ code: 'peer-not-found' }) as Error);
  });
});
