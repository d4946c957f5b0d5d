/**
 * The loopback API for peers: invites, pairing, one peer, grants in both directions, and the description of this stack.
 *
 * All of it is the owner's alone. Bodies are read strictly. A code is in one answer and nowhere else; digests and tokens of
 * peers are in none. What a person agreed to is the node that was shown, whoever has the name by then. A revoke needs no
 * tailscaled, and a dry run changes nothing.
 */
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { NodeId } from '../../src/core/peer.ts';
import { encodeInviteCode } from '../../src/pairing/invite-code.ts';
import { AGENT, ask, startLocalStack, type LocalStack } from '../harness/local-stack.ts';

const matches = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const INSTANT = matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const TERMS = {
  operations: ['message-send', 'task-read', 'task-cancel'],
  sendsPerMinute: null,
  hold: 'none',
  expiresAt: null,
};
const INBOX = { peer: 'bob', alias: 'inbox', sessionKey: 'agent:main:peer-bob', ...TERMS };

async function stackWithBob() {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  return stack;
}

const post = ({ port }: LocalStack, path: string, body?: object, token?: string) =>
  ask(port, `/api/v1${path}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
    ...(token === undefined ? {} : { token }),
  });
const get = ({ port }: LocalStack, path: string) => ask(port, `/api/v1${path}`);

/** A code of the node of bob, as its stack would make it. */
function codeOfBob(): string {
  const [nodeId, secret] = ['nbob' as NodeId, 'AAECAwQFBgcICQoLDA0ODw'];
  return encodeInviteCode({
    address: '100.64.0.2',
    port: 8080,
    nodeId,
    expiresAt: Date.now() + 60_000,
    secret,
  });
}

function answerClaims(stack: LocalStack): void {
  const news = { confirmed: false, ready: false };
  const token = `apt_${'b'.repeat(43)}`;
  const claim = { ...news, token, offers: ['inbox' as Alias], expiresInSeconds: 600, now: Date.now() };
  stack.other.answer = ({ type }) => ({ kind: 'answered', answer: type === 'claim' ? claim : news });
}

describe('whoever has the agent’s token', () => {
  it.each([
    ['POST', '/invites', { peer: 'eve' }],
    ['GET', '/invites', undefined],
    ['GET', '/invites/x', undefined],
    ['POST', '/invites/x/cancel', undefined],
    ['POST', '/invites/accept', { code: 'x' }],
    ['GET', '/peers/bob', undefined],
    ['POST', '/peers/bob/confirm', undefined],
    ['POST', '/peers/bob/rotate', undefined],
    ['POST', '/peers/bob/revoke', undefined],
    ['POST', '/peers/bob/rename', { to: 'eve' }],
    ['POST', '/peers/bob/rebind', { node: 'ncarol' }],
    ['GET', '/peers/bob/export', undefined],
    ['GET', '/export', undefined],
    ['GET', '/grants', undefined],
    ['POST', '/grants', { direction: 'outbound', peer: 'bob', alias: 'any' }],
    ['POST', '/grants/remove', { direction: 'outbound', peer: 'bob', alias: 'any' }],
  ])('may not %s %s', async (method, path, body) => {
    const stack = await stackWithBob();
    const before = [stack.store.peers.listPeers(), stack.store.peers.listGrants()];
    const asked = { method, token: AGENT, ...(body === undefined ? {} : { body }) };
    const answer = await ask(stack.port, `/api/v1${path}`, asked);
    expect([answer.status, answer.json['code']]).toEqual([403, 'local-role-refused']);
    expect([stack.store.peers.listPeers(), stack.store.peers.listGrants()]).toEqual(before);
  });
});

describe('a body that is not what the route takes', () => {
  it.each([
    ['/invites', { peer: 'dave', secret: 'x' }, 'Fields of the body: peer, offers, special, hold'],
    ['/invites', { peer: 'dave', offers: ['inbox'] }, 'offers.0'],
    ['/invites', { peer: 'dave', offers: [{ alias: 'a', peer: 'b' }] }, 'offers.0'],
    ['/invites', { peer: 'dave', confirmed: 'yes' }, 'confirmed'],
    ['/invites/accept', { code: 'x', peer: 'bob' }, 'Fields of the body: code, name, offers'],
    ['/invites/accept', { name: 'bob' }, 'code'],
    ['/peers', { name: 'dave', node: 'ncarol', said: { dnsName: 'x' } }, 'said.ipv4'],
    ['/peers/bob/confirm', { node: 'nbob' }, 'Fields of the body: nodeId'],
    ['/peers/bob/revoke', { yes: true }, 'Unrecognized key'],
    ['/peers/bob/rename', { name: 'x' }, 'Fields of the body: to'],
    ['/peers/bob/rebind', { node: 'ncarol', dryRun: 1 }, 'dryRun'],
    ['/grants', { peer: 'bob', alias: 'x', sessionKey: 'agent:main:x' }, 'Fields of the body: peer, alias'],
    ['/grants', { direction: 'inbound', peer: 'bob', alias: 'x' }, 'sessionKey'],
    ['/grants', { direction: 'outbound', peer: 'bob', alias: 'x', operations: [] }, 'operations'],
    ['/grants/remove', { direction: 'both', peer: 'bob', alias: 'x' }, 'direction'],
  ])('%s %j', async (path, body, said) => {
    const stack = await stackWithBob();
    const before = stack.store.peers.listGrants();
    const { status, json } = await post(stack, path, body);
    expect([status, json['code']]).toEqual([400, 'input-invalid']);
    expect(`${String(json['detail'])} ${String(json['fix'])}`).toContain(said);
    expect(stack.store.peers.listGrants()).toEqual(before);
  });
});

describe('an invite', () => {
  it('is made with a code that is in this answer alone', async () => {
    const stack = await startLocalStack();
    const made = await post(stack, '/invites', { peer: 'bob' });
    const { code, invite } = made.json as { code: string; invite: { id: string } };
    const view = {
      id: invite.id,
      peer: 'bob',
      state: 'open',
      nodeId: null,
      claimedBy: null,
      confirmed: false,
      hold: 'none',
      grants: [INBOX],
      expiresAt: INSTANT,
      peerExpiresAt: null,
      createdAt: INSTANT,
    };
    expect([made.status, made.json]).toEqual([201, { invite: view, code, warnings: [] }]);
    expect((await get(stack, '/invites')).json).toEqual({ invites: [view] });
    expect((await get(stack, `/invites/${invite.id}`)).json).toEqual({ invite: view });
    expect(stack.log.text()).not.toContain(code.slice(4, 20));
  });

  it('takes what is offered, its terms and its times', async () => {
    const stack = await startLocalStack();
    const offers = [{ alias: 'nightly', sessionKey: 'agent:main:cron:nightly' }, { alias: 'inbox' }];
    const terms = {
      special: true,
      hold: 'both',
      expiresIn: '30d',
      validFor: '1h',
      node: 'nbob',
      confirmed: true,
    };
    const { json } = await post(stack, '/invites', { peer: 'bob', offers, ...terms });
    const invite = json['invite'] as Record<string, string>;
    expect(invite).toMatchObject({ confirmed: true, hold: 'both', nodeId: 'nbob' });
    expect(invite['grants']).toMatchObject([
      { alias: 'nightly', hold: 'both' },
      { alias: 'inbox', hold: 'both' },
    ]);
    const madeAt = Date.parse(invite['createdAt'] ?? '');
    expect(Date.parse(invite['expiresAt'] ?? '') - madeAt).toBe(3_600_000);
    expect(Date.parse(invite['peerExpiresAt'] ?? '') - madeAt).toBe(30 * 86_400_000);
    const none = await post(stack, '/invites', { peer: 'carol', offers: [] });
    expect(none.json['invite']).toMatchObject({ grants: [] });
  });

  it('is cancelled once, by its id', async () => {
    const stack = await startLocalStack();
    const { invite } = (await post(stack, '/invites', { peer: 'bob' })).json as { invite: { id: string } };
    const cancel = async (id: string) => {
      const { status, json } = await post(stack, `/invites/${id}/cancel`);
      return [status, json['code'] ?? (json['invite'] as { state: string }).state];
    };
    expect(await cancel(invite.id)).toEqual([200, 'cancelled']);
    expect(await cancel(invite.id)).toEqual([409, 'invite-refused']);
    expect(await cancel('none')).toEqual([404, 'invite-not-found']);
    expect((await get(stack, '/invites/none')).json['code']).toBe('invite-not-found');
    expect((await get(stack, '/invites/accept')).json['code']).toBe('local-method-unknown');
  });

  it('of another stack is accepted: everything about the new peer, which may do nothing yet', async () => {
    const stack = await startLocalStack();
    answerClaims(stack);
    const { status, json } = await post(stack, '/invites/accept', { code: codeOfBob() });
    const pairing = {
      stage: 'waiting',
      ownConfirmed: false,
      otherConfirmed: false,
      offered: ['inbox'],
      expiresAt: INSTANT,
    };
    const peer = {
      name: 'nbob',
      nodeId: 'nbob',
      login: 'nbob@example.com',
      state: 'provisional',
      replyMode: 'task',
      port: null,
      expiresAt: null,
    };
    const told = {
      peer: { ...peer, hasOutboundToken: true },
      node: { dnsName: 'nbob.lab.internal', ipv4: '100.64.0.2', online: true, login: 'nbob@example.com' },
      pairing,
      rotating: false,
      grants: [
        { direction: 'inbound', ...INBOX, peer: 'nbob', sessionKey: 'agent:main:peer-nbob' },
        {
          direction: 'outbound',
          peer: 'nbob',
          alias: 'any',
          hold: 'none',
          replySession: null,
          expiresAt: null,
        },
      ],
    };
    expect([status, json]).toEqual([200, { ...told, offered: ['inbox'], warnings: [] }]);
    expect((await get(stack, '/peers/nbob')).json).toEqual(told);
    expect((await get(stack, '/peers')).json).toEqual({
      peers: [{ ...peer, hasOutboundToken: true, pairing }],
    });
    expect((await get(stack, '/status')).json['peers']).toMatchObject([{ name: 'nbob', pairing }]);
  });

  it('of a stack that is older than invites leaves nothing behind', async () => {
    const stack = await startLocalStack();
    stack.other.answer = () => ({ kind: 'refused', reason: 'path-unknown' });
    const { status, json } = await post(stack, '/invites/accept', { code: codeOfBob() });
    expect([status, json['code'], json['fix']]).toEqual([
      502,
      'peer-incompatible',
      'Update it, then ask for a new code',
    ]);
    expect(stack.store.peers.listPeers()).toEqual([]);
  });

  it('of a stack that is away is not lost', async () => {
    const stack = await startLocalStack();
    const { status, json } = await post(stack, '/invites/accept', { code: codeOfBob() });
    expect([status, json['code']]).toEqual([502, 'peer-unreachable']);
    expect((await get(stack, '/peers/nbob')).json['pairing']).toMatchObject({
      stage: 'waiting',
      offered: null,
    });
  });
});

describe('agreeing to a peer', () => {
  it('is to the node that was shown', async () => {
    const stack = await startLocalStack();
    answerClaims(stack);
    await post(stack, '/invites/accept', { code: codeOfBob() });
    const other = await post(stack, '/peers/nbob/confirm', { nodeId: 'ncarol' });
    expect([other.status, other.json['code']]).toEqual([409, 'pairing-ended']);
    const own = async () =>
      ((await get(stack, '/peers/nbob')).json['pairing'] as { ownConfirmed: boolean }).ownConfirmed;
    expect(await own()).toBe(false);
    const shown = await post(stack, '/peers/nbob/confirm', { nodeId: 'nbob' });
    expect([shown.status, await own()]).toEqual([200, true]);
  });

  it('needs a peer that is one', async () => {
    const stack = await stackWithBob();
    await post(stack, '/peers/bob/revoke');
    expect((await post(stack, '/peers/bob/confirm')).json['code']).toBe('peer-not-active');
    expect((await post(stack, '/peers/dave/confirm')).json['code']).toBe('peer-not-found');
  });
});

describe('one peer', () => {
  it.each([
    ['GET', ''],
    ['GET', '/export'],
    ['POST', '/rotate'],
    ['POST', '/revoke'],
  ])('that there is not: %s /peers/dave%s', async (method, path) => {
    const { port } = await stackWithBob();
    const { status, json } = await ask(port, `/api/v1/peers/dave${path}`, { method });
    expect([status, json['code']]).toEqual([404, 'peer-not-found']);
  });

  it('has new tokens made for it, which it may not know yet', async () => {
    const stack = await stackWithBob();
    const { status, json } = await post(stack, '/peers/bob/rotate');
    expect([status, json['rotation']]).toEqual([200, 'pending']);
    const shown = await get(stack, '/peers/bob');
    expect(shown.json['rotating']).toBe(true);
    expect(shown.text).not.toMatch(/apt_|[0-9a-f]{64}/);
  });

  it('is revoked whether or not tailscaled answers, and is told what that ended', async () => {
    const stack = await stackWithBob();
    await post(stack, '/messages', { peer: 'bob', alias: 'inbox', text: 'x' });
    stack.tailnet.down = true;
    const { status, json } = await post(stack, '/peers/bob/revoke');
    expect([status, json]).toEqual([
      200,
      {
        peer: {
          name: 'bob',
          nodeId: 'nbob',
          login: 'nbob@example.com',
          state: 'revoked',
          replyMode: 'task',
          port: null,
          expiresAt: null,
        },
        ended: { outbound: 1, inbound: 0 },
        node: null,
      },
    ]);
    expect(stack.store.peers.listGrants()).toEqual([]);
  });

  it('is called something else, with all that is its', async () => {
    const stack = await stackWithBob();
    const { status, json } = await post(stack, '/peers/bob/rename', { to: 'robert' });
    expect([status, json['peer']]).toMatchObject([200, { name: 'robert', hasOutboundToken: true }]);
    expect((await get(stack, '/grants')).json['grants']).toMatchObject([{ peer: 'robert', alias: 'any' }]);
    expect((await post(stack, '/peers/robert/rename', { to: 'self' })).json['code']).toBe('input-invalid');
    expect((await post(stack, '/peers/robert/rename', { to: 'robert' })).json['code']).toBe('peer-exists');
  });

  it('is bound to another node, after a look at which', async () => {
    const stack = await stackWithBob();
    const rebind = async (dryRun?: boolean) =>
      (
        await post(stack, '/peers/bob/rebind', {
          node: 'ncarol',
          ...(dryRun === undefined ? {} : { dryRun }),
        })
      ).json;
    expect(await rebind(true)).toMatchObject({
      dryRun: true,
      before: { nodeId: 'nbob', login: 'nbob@example.com' },
      after: { nodeId: 'ncarol', login: 'ncarol@example.com' },
    });
    expect(stack.store.peers.findPeer('bob')?.nodeId).toBe('nbob');
    expect(await rebind()).toMatchObject({ dryRun: false });
    expect(stack.store.peers.findPeer('bob')).toMatchObject({
      nodeId: 'ncarol',
      login: 'ncarol@example.com',
    });
  });

  it('is added for a time, by what its stack says of its node when all of that is so', async () => {
    const stack = await startLocalStack();
    const said = { dnsName: 'nbob.lab.internal', ipv4: '100.64.0.2', port: 8080 };
    const add = async (over: object, node = 'nbob') => {
      const { status, json } = await post(stack, '/peers', {
        name: 'bob',
        node,
        said: { ...said, ...over },
        expiresIn: '1d',
      });
      return [status, json['code'] ?? json['peer'], json['detail'] ?? ''];
    };
    expect(await add({ dnsName: 'ncarol.lab.internal' })).toEqual([
      400,
      'input-invalid',
      'node nbob is not ncarol.lab.internal: the tailnet calls it nbob.lab.internal',
    ]);
    expect(await add({ ipv4: '100.64.0.3' })).toMatchObject([400, 'input-invalid', matches(/100\.64\.0\.3/)]);
    expect(await add({ port: 9090 })).toMatchObject([400, 'input-invalid', matches(/port 9090/)]);
    expect(await add({}, 'ndave')).toMatchObject([404, 'node-not-found', matches(/ndave/)]);
    expect(await add({}, 'nalice')).toMatchObject([400, 'input-invalid', matches(/this very stack/)]);
    expect(await add({})).toMatchObject([201, { nodeId: 'nbob', expiresAt: INSTANT }, '']);
  });
});

describe('grants', () => {
  it('are given and taken back in both directions', async () => {
    const stack = await stackWithBob();
    const terms = { sendsPerMinute: 3, hold: 'inbound' };
    const [inbound, outbound] = [
      { direction: 'inbound', peer: 'bob', alias: 'inbox' },
      { direction: 'outbound', peer: 'bob', alias: 'review' },
    ];
    const given = await post(stack, '/grants', { ...inbound, sessionKey: 'agent:main:peer-bob', ...terms });
    expect([given.status, given.json]).toEqual([
      201,
      { grant: { direction: 'inbound', ...INBOX, ...terms }, warnings: [] },
    ]);
    const ours = await post(stack, '/grants', { ...outbound, expiresIn: '1d' });
    expect(ours.json['grant']).toEqual({ ...outbound, hold: 'none', replySession: null, expiresAt: INSTANT });
    const listed = async (query = '') =>
      ((await get(stack, `/grants${query}`)).json['grants'] as { direction: string; alias: string }[]).map(
        ({ direction, alias }) => `${direction} ${alias}`,
      );
    expect(await listed('?peer=bob')).toEqual(['inbound inbox', 'outbound any', 'outbound review']);
    expect((await post(stack, '/grants/remove', inbound)).json).toEqual({ removed: inbound });
    expect(await listed()).toEqual(['outbound any', 'outbound review']);
    expect((await post(stack, '/grants/remove', inbound)).json['code']).toBe('grant-not-found');
    expect((await get(stack, '/grants?peer=dave')).json['code']).toBe('peer-not-found');
  });
});

describe('the description of this stack', () => {
  it('has what another owner needs, the aliases of that peer, and no secret', async () => {
    const stack = await stackWithBob();
    for (const [alias, more] of [
      ['inbox', {}],
      ['handoff', {}],
      ['old', { expiresIn: '1s' }],
      ['reading', { operations: ['task-read'] }],
    ] as const)
      await post(stack, '/aliases', { peer: 'bob', alias, sessionKey: 'agent:main:peer-bob', ...more });
    stack.clock.aheadMs = 2_000;
    const config = {
      format: 1,
      name: 'alice',
      node: { nodeId: 'nalice', dnsName: 'nalice.lab.internal', ipv4: '100.64.0.1' },
      port: 8080,
    };
    const aliases = [
      { alias: 'handoff', url: 'http://100.64.0.1:8080/a2a/v1/handoff' },
      { alias: 'inbox', url: 'http://100.64.0.1:8080/a2a/v1' },
    ];
    expect((await get(stack, '/peers/bob/export')).json).toEqual({ ...config, aliases });
    expect((await get(stack, '/export')).json).toEqual({ ...config, aliases: [] });
  });
});
