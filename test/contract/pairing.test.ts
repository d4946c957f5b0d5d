/**
 * Two stacks become peers by one code, over the real listener and transport.
 *
 * - Each side grants what its own owner said, to a session of the peer's own when nothing was said.
 * - Neither side can do anything before both owners have agreed, in whatever order they do.
 * - A code is good once, for one node, for its time; who has another one learns nothing by trying, and keeps nobody out.
 * - What is not finished in time is as if it had never been.
 * - Tokens can be changed while both are used, by either side and by both at once; the old ones end.
 * - What is wrong is one error with a stable code, and nothing half made is left.
 */
import { describe, expect, it, vi } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { MessageId } from '../../src/core/message.ts';
import { encodeInviteCode, parseInviteCode } from '../../src/pairing/invite-code.ts';
import { OVERLAP_MS } from '../../src/pairing/responder.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import {
  acceptWish,
  inviteWish,
  nodeOf,
  startSides,
  stateAt,
  tokenFor,
  type Side,
} from '../harness/pairing-side.ts';

const MINUTE = 60_000;

async function twoSides(names: readonly string[] = ['alice', 'bob']) {
  const clock = createFakeClock();
  const [alice, bob, ...more] = await startSides(names, clock);
  if (alice === undefined || bob === undefined) throw new Error('two names are needed');
  return { clock, alice, bob, carol: more[0] ?? bob };
}

async function paired() {
  const made = await twoSides();
  const { code } = await made.alice.invites.create(inviteWish('bob', { confirmed: true }));
  await made.bob.invites.accept(acceptWish(code, { confirmed: true }));
  expect([stateAt(made.alice, 'bob'), stateAt(made.bob, 'alice')]).toEqual(['active', 'active']);
  return made;
}

/** One SendMessage from a side with this token; the reason that it is refused for, or what became of it. */
async function tryToSend(from: Side, to: Side, token: string, alias = 'inbox'): Promise<string> {
  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text: 'hello' }] };
  const params = { message, configuration: { returnImmediately: true } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params });
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const at = { host: to.address, port: to.port, path: `/a2a/v1/${alias}`, localAddress: from.address };
    const call = request({ ...at, method: 'POST', headers, agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        const { error, result } = JSON.parse(text) as {
          error?: { data: { reason: string; domain: string }[] };
          result?: unknown;
        };
        const word = error?.data.find(({ domain }) => domain === 'agent-peer')?.reason;
        resolve(result === undefined ? (word ?? 'no reason') : 'accepted');
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

const grantsOf = ({ admin }: Side) =>
  admin.allGrants().map(({ direction, peer, alias, ...rest }) => {
    const session = 'sessionKey' in rest ? ` ${rest.sessionKey}` : '';
    return `${direction} ${peer} ${alias}${session} ${rest.hold}`;
  });

describe('one code', () => {
  it('makes two stacks peers in both directions, each with a session of the other’s own', async () => {
    const { alice, bob } = await paired();
    expect(grantsOf(alice)).toEqual(['inbound bob inbox agent:main:peer-bob none', 'outbound bob any none']);
    expect(grantsOf(bob)).toEqual([
      'inbound alice inbox agent:main:peer-alice none',
      'outbound alice any none',
    ]);
    expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('accepted');
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    expect(alice.store.peers.findPeer('bob')).toMatchObject({ nodeId: 'nbob', login: 'nbob@example.com' });
  });

  it.each([
    ['the one who invites, then the one who accepts', ['alice', 'bob']],
    ['the one who accepts, then the one who invites', ['bob', 'alice']],
  ])('waits for both owners: %s', async (_order, order) => {
    const { alice, bob } = await twoSides();
    const { code } = await alice.invites.create(inviteWish('bob'));
    const view = await bob.invites.accept(acceptWish(code));
    expect(view).toMatchObject({
      stage: 'waiting',
      offered: ['inbox'],
      node: { login: 'nalice@example.com' },
    });
    for (const name of order) {
      expect([stateAt(alice, 'bob'), stateAt(bob, 'alice')]).toEqual(['provisional', 'provisional']);
      expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('peer-provisional');
      expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('peer-provisional');
      await (name === 'alice' ? alice.invites.confirm('bob') : bob.invites.confirm('alice'));
    }
    expect([stateAt(alice, 'bob'), stateAt(bob, 'alice')]).toEqual(['active', 'active']);
    expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('accepted');
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
  });

  it('carries what each side offers, and its terms', async () => {
    const { clock, alice, bob } = await twoSides();
    const offers = [
      { alias: 'handoff', sessionKey: 'agent:main:project-x' },
      { alias: 'inbox', sessionKey: null },
    ];
    const wish = inviteWish('bob', { offers, hold: 'inbound', expiresInMs: 60 * MINUTE, confirmed: true });
    const { code } = await alice.invites.create(wish);
    const view = await bob.invites.accept(acceptWish(code, { name: 'ally', offers: [], confirmed: true }));
    expect(view).toMatchObject({ peer: { name: 'ally' }, stage: 'complete' });
    expect(grantsOf(alice)).toEqual([
      'inbound bob handoff agent:main:project-x inbound',
      'inbound bob inbox agent:main:peer-bob inbound',
    ]);
    expect(grantsOf(bob)).toEqual(['outbound ally any none']);
    expect(alice.store.peers.findPeer('bob')?.expiresAt).toBe(clock.now() + 60 * MINUTE);
    expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('alias-not-granted');
    clock.advance(60 * MINUTE);
    expect(await tryToSend(bob, alice, tokenFor(bob, 'ally'), 'handoff')).toBe('peer-expired');
  });

  it('takes the gateway’s default agent where nothing else is said', async () => {
    const clock = createFakeClock();
    const [alice] = await startSides(['alice'], clock, { defaultAgent: 'butler' });
    const { invite } = (await alice?.invites.create(inviteWish('bob'))) ?? {};
    expect(invite?.grants).toMatchObject([{ alias: 'inbox', sessionKey: 'agent:butler:peer-bob' }]);
  });

  it('leaves no secret in the log, nor the token of the other where it is only checked', async () => {
    const { alice, bob } = await twoSides();
    const { code } = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    await bob.invites.accept(acceptWish(code, { confirmed: true }));
    const read = parseInviteCode(code);
    const secrets = [
      code,
      code.replaceAll('-', ''),
      read.ok ? read.value.secret : '',
      tokenFor(alice, 'bob'),
      tokenFor(bob, 'alice'),
    ];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20);
      expect(alice.log.text() + bob.log.text()).not.toContain(secret);
    }
    // Once it was presented, only its digest is kept by who checks it.
    expect(alice.store.peers.untold('bob' as never)).toBeNull();
    expect(bob.store.peers.untold('alice' as never)).toBeNull();
    expect(bob.store.pairings.list()).toEqual([]);
  });
});

describe('a code that cannot be used', () => {
  it('is refused after its time by the maker’s clock, whatever the other’s says', async () => {
    const clock = createFakeClock();
    const ahead = createFakeClock(clock.now() + 60 * MINUTE);
    const [alice] = await startSides(['alice'], clock);
    const [bob] = await startSides(['bob'], ahead, { port: alice?.port ?? 0, address: '127.78.0.9' });
    if (alice === undefined || bob === undefined) throw new Error('not started');
    for (const [side, other] of [[alice, bob] as const, [bob, alice] as const])
      if (other.state.self) side.state.peers.push(other.state.self);
    const { code } = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    const view = await bob.invites.accept(acceptWish(code, { confirmed: true }));
    expect(view.stage).toBe('complete');
    expect(view.warnings).toEqual([expect.stringContaining('60 minutes ahead of the other') as string]);

    bob.admin.revoke('alice');
    alice.admin.revoke('bob');
    const late = await alice.invites.create(inviteWish('bob'));
    clock.advance(15 * MINUTE);
    await expect(bob.invites.accept(acceptWish(late.code))).rejects.toMatchObject({
      code: 'invite-refused',
      message: expect.stringContaining('expired by the other machine') as string,
    });
    expect([bob.store.peers.listPeers(), bob.store.pairings.list()]).toEqual([[], []]);
  });

  it('is refused to a second node, and the first has it', async () => {
    const { alice, bob, carol } = await twoSides(['alice', 'bob', 'carol']);
    const { code } = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    const both = await Promise.allSettled(
      [bob, carol].map((side) => side.invites.accept(acceptWish(code, { confirmed: true }))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = both[0]?.status === 'fulfilled' ? bob : carol;
    const loser = winner === bob ? carol : bob;
    expect(alice.store.peers.findPeer('bob')?.nodeId).toBe(nodeOf(winner));
    expect([stateAt(winner, 'alice'), stateAt(loser, 'alice')]).toEqual(['active', 'none']);
    await expect(loser.invites.accept(acceptWish(code))).rejects.toThrow('used already, by another node');
  });

  it('is refused to another node than it was made for, and good for that one', async () => {
    const { alice, bob, carol } = await twoSides(['alice', 'bob', 'carol']);
    const { code } = await alice.invites.create(inviteWish('bob', { node: 'nbob', confirmed: true }));
    await expect(carol.invites.accept(acceptWish(code))).rejects.toMatchObject({
      code: 'invite-refused',
      message: 'the invite was made for another node',
    });
    expect(stateAt(carol, 'alice')).toBe('none');
    await bob.invites.accept(acceptWish(code, { confirmed: true }));
    expect(stateAt(alice, 'bob')).toBe('active');
  });

  it('is refused when it was cancelled, and what it had led to is given up on both sides', async () => {
    const { clock, alice, bob } = await twoSides();
    const { code, invite } = await alice.invites.create(inviteWish('bob'));
    await bob.invites.accept(acceptWish(code, { confirmed: true }));
    alice.invites.cancel(invite.id);
    expect(stateAt(alice, 'bob')).toBe('none');
    for (let i = 0; i < 5; i += 1) {
      clock.advance(MINUTE / 4);
      await bob.worker.now('alice' as never);
    }
    expect(stateAt(bob, 'alice')).toBe('none');
    expect(grantsOf(bob)).toEqual([]);
    await expect(bob.invites.accept(acceptWish(code))).rejects.toThrow('knows no such invite');
    expect(() => alice.invites.cancel(invite.id)).toThrow('was cancelled already');
  });

  it('is refused on the machine that made it, for a node that is elsewhere, and on another port', async () => {
    const { clock, alice, bob } = await twoSides();
    const { code } = await alice.invites.create(inviteWish('bob'));
    await expect(alice.invites.accept(acceptWish(code))).rejects.toThrow('an invite of this very stack');
    const read = parseInviteCode(code);
    if (!read.ok) throw new Error('no code');
    const elsewhere = encodeInviteCode({ ...read.value, nodeId: 'nelsewhere' as never });
    clock.advance(20 * MINUTE);
    await expect(bob.invites.accept(acceptWish(elsewhere))).rejects.toMatchObject({
      code: 'node-not-found',
      message: expect.stringMatching(
        /is not on this tailnet; by this machine's clock it expired 5 minutes ago/,
      ) as string,
    });
    const otherPort = encodeInviteCode({ ...read.value, port: read.value.port - 1 });
    await expect(bob.invites.accept(acceptWish(otherPort))).rejects.toThrow('listens on port');
    expect([bob.store.peers.listPeers(), bob.store.pairings.list()]).toEqual([[], []]);
  });

  it('leaves nothing half made when what else is wanted is wrong', async () => {
    const { alice, bob } = await twoSides();
    await expect(alice.invites.create(inviteWish('Bob!'))).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(alice.invites.create(inviteWish('self'))).rejects.toMatchObject({ code: 'input-invalid' });
    const reserved = inviteWish('bob', { offers: [{ alias: 'x', sessionKey: 'agent:main:cron:daily' }] });
    await expect(alice.invites.create(reserved)).rejects.toMatchObject({ code: 'session-key-invalid' });
    const twice = inviteWish('bob', { offers: [1, 2].map(() => ({ alias: 'inbox', sessionKey: null })) });
    await expect(alice.invites.create(twice)).rejects.toThrow('"inbox" is named twice');
    await expect(alice.invites.create(inviteWish('bob', { hold: 'maybe' }))).rejects.toThrow('hold: "maybe"');
    await expect(alice.invites.create(inviteWish('bob', { validForMs: 1 }))).rejects.toThrow('valid:');
    expect(alice.invites.list()).toEqual([]);

    const { code } = await alice.invites.create(inviteWish('bob'));
    await expect(bob.invites.accept(acceptWish(code, { name: 'me' }))).rejects.toMatchObject({
      code: 'input-invalid',
    });
    await expect(
      bob.invites.accept(acceptWish(code, { offers: [{ alias: 'in box', sessionKey: null }] })),
    ).rejects.toMatchObject({ code: 'alias-invalid' });
    expect(bob.store.peers.listPeers()).toEqual([]);
    expect(alice.invites.list()).toMatchObject([{ state: 'open' }]);
  });

  it('fails closed when tailscaled cannot be asked on either side', async () => {
    const { alice, bob } = await twoSides();
    const { code } = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    alice.state.down = true;
    await expect(bob.invites.accept(acceptWish(code, { confirmed: true }))).rejects.toMatchObject({
      code: 'peer-unreachable',
    });
    expect(stateAt(alice, 'bob')).toBe('none');
    bob.state.down = true;
    await expect(bob.invites.accept(acceptWish(code))).rejects.toMatchObject({ code: 'tailnet-unavailable' });
    [alice.state.down, bob.state.down] = [false, false];
    await bob.worker.now('alice' as never);
    expect([stateAt(alice, 'bob'), stateAt(bob, 'alice')]).toEqual(['active', 'active']);
  });
});

describe('guessing', () => {
  it('of 10,000 codes opens nothing, and neither burns the right one nor keeps another node out', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
    try {
      const { alice, bob, carol } = await twoSides(['alice', 'bob', 'carol']);
      const { code } = await alice.invites.create(
        inviteWish('bob', { confirmed: true, validForMs: 24 * 60 * MINUTE }),
      );
      const told = new Map<string, number>();
      for (let i = 0; i < 10_000; i += 100) {
        const answers = await Promise.all(Array.from({ length: 100 }, () => guess(carol, alice)));
        for (const answer of answers) told.set(answer, (told.get(answer) ?? 0) + 1);
        vi.setSystemTime(Date.now() + 6_000);
      }
      expect([...told.keys()].sort()).toEqual(['guesses-exceeded', 'invite-unknown']);
      // Ten a minute, in ten minutes.
      expect(told.get('invite-unknown')).toBeLessThanOrEqual(110);
      expect(alice.store.peers.listPeers()).toEqual([]);
      await bob.invites.accept(acceptWish(code, { confirmed: true }));
      expect([stateAt(alice, 'bob'), stateAt(alice, 'carol')]).toEqual(['active', 'none']);
    } finally {
      vi.useRealTimers();
    }
  }, 60_000);

  async function guess(from: Side, to: Side): Promise<string> {
    const { createPairTransport } = await import('../../src/peer-transport/pair-transport.ts');
    const { fakeTailnet } = await import('../harness/fake-tailnet.ts');
    const { newPeerToken } = await import('../../src/digests.ts');
    const transport = createPairTransport({
      tailnet: fakeTailnet(from.state),
      localAddress: from.address,
      port: from.port,
    });
    const secret = newPeerToken().slice(4, 26);
    const claim = {
      type: 'claim',
      secret,
      token: newPeerToken(),
      offers: ['inbox' as Alias],
      confirmed: true,
    } as const;
    const answer = await transport.send<'claim'>(nodeOf(to), null, claim, new AbortController().signal);
    return answer.kind === 'refused' ? answer.reason : answer.kind;
  }
});

describe('what is not finished', () => {
  it('is as if it had never been, once its time is over', async () => {
    const { clock, alice, bob } = await twoSides();
    const { code } = await alice.invites.create(inviteWish('bob'));
    await bob.invites.accept(acceptWish(code, { confirmed: true }));
    alice.worker.start();
    bob.worker.start();
    clock.advance(17 * MINUTE);
    await expect.poll(() => [stateAt(alice, 'bob'), stateAt(bob, 'alice')]).toEqual(['none', 'none']);
    expect([grantsOf(alice), grantsOf(bob)]).toEqual([[], []]);
    const again = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    await bob.invites.accept(acceptWish(again.code, { confirmed: true }));
    await expect.poll(() => [stateAt(alice, 'bob'), stateAt(bob, 'alice')]).toEqual(['active', 'active']);
  });

  it('can be begun anew at once, with another code or the same', async () => {
    const { alice, bob } = await twoSides();
    const first = await alice.invites.create(inviteWish('bob'));
    await bob.invites.accept(acceptWish(first.code, { confirmed: true }));
    await bob.invites.accept(acceptWish(first.code, { confirmed: true }));
    const second = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    await bob.invites.accept(acceptWish(second.code, { confirmed: true }));
    expect([stateAt(alice, 'bob'), stateAt(bob, 'alice')]).toEqual(['active', 'active']);
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
  });

  it('never makes a peer of one that is a peer already, under this name or another', async () => {
    const { alice, bob } = await paired();
    await expect(alice.invites.create(inviteWish('bob'))).rejects.toMatchObject({ code: 'peer-exists' });
    const { code } = await alice.invites.create(inviteWish('bobby'));
    await expect(bob.invites.accept(acceptWish(code, { name: 'ally' }))).rejects.toThrow(
      'that node is the peer "alice"',
    );
    bob.admin.revoke('alice');
    await expect(bob.invites.accept(acceptWish(code, { name: 'ally' }))).rejects.toThrow(
      'the other stack has this node as a peer already',
    );
    expect([stateAt(alice, 'bobby'), stateAt(bob, 'ally')]).toEqual(['none', 'none']);
  });

  it('takes no name that an open invite of this stack has, which is for whoever uses that', async () => {
    const { alice, bob } = await twoSides();
    const { code } = await alice.invites.create(inviteWish('bob'));
    const { invite } = await bob.invites.create(inviteWish('alice'));
    await expect(bob.invites.accept(acceptWish(code))).rejects.toMatchObject({
      code: 'peer-exists',
      fix: `Choose another name, or first: agent-peer invite cancel ${invite.id}`,
    });
    bob.invites.cancel(invite.id);
    await bob.invites.accept(acceptWish(code));
    expect(stateAt(bob, 'alice')).toBe('provisional');
  });

  it('is not ended by the cancelling of an older invite under its name', async () => {
    const { clock, alice, bob } = await twoSides();
    const first = await alice.invites.create(inviteWish('bob'));
    await bob.invites.accept(acceptWish(first.code));
    clock.advance(MINUTE);
    const second = await alice.invites.create(inviteWish('bob'));
    await bob.invites.accept(acceptWish(second.code));
    expect(() => alice.invites.cancel(first.invite.id)).toThrow('was cancelled already');
    expect(stateAt(alice, 'bob')).toBe('provisional');
    alice.invites.cancel(second.invite.id);
    expect(stateAt(alice, 'bob')).toBe('none');
  });
});

describe('a revoked peer', () => {
  it('is refused at once, and told so with its own token from its own node alone', async () => {
    const { alice, bob } = await paired();
    const token = tokenFor(bob, 'alice');
    alice.admin.revoke('bob');
    expect(await tryToSend(bob, alice, token)).toBe('peer-revoked');
    expect(grantsOf(alice)).toEqual([]);
    expect(tokenFor(alice, 'bob')).toBe('');
  });

  it('can be paired anew under its name, and has only what is granted then', async () => {
    const { alice, bob } = await paired();
    const old = tokenFor(bob, 'alice');
    alice.admin.grant({ peer: 'bob', alias: 'plans', sessionKey: 'agent:main:plans' });
    alice.admin.revoke('bob');
    bob.admin.revoke('alice');
    const { code } = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    await bob.invites.accept(acceptWish(code, { confirmed: true }));
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'), 'plans')).toBe('alias-not-granted');
    expect(await tryToSend(bob, alice, old)).toBe('unauthenticated');
  });
});

describe('changing tokens', () => {
  it('leaves both old ones good for what is under way, and then ends them', async () => {
    const { clock, alice, bob } = await paired();
    const [oldOfBob, oldOfAlice] = [tokenFor(bob, 'alice'), tokenFor(alice, 'bob')];
    expect(await alice.rotation.rotate('bob')).toBe('complete');
    await expect.poll(() => bob.store.peers.findPeer('alice')?.overlap?.until).not.toBeNull();
    expect(tokenFor(bob, 'alice')).not.toBe(oldOfBob);
    expect(tokenFor(alice, 'bob')).not.toBe(oldOfAlice);
    for (const token of [oldOfBob, tokenFor(bob, 'alice')])
      expect(await tryToSend(bob, alice, token)).toBe('accepted');
    for (const token of [oldOfAlice, tokenFor(alice, 'bob')])
      expect(await tryToSend(alice, bob, token)).toBe('accepted');
    clock.advance(OVERLAP_MS);
    expect(await tryToSend(bob, alice, oldOfBob)).toBe('unauthenticated');
    expect(await tryToSend(alice, bob, oldOfAlice)).toBe('unauthenticated');
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('accepted');
  });

  it('works when both begin at the same time', async () => {
    const { clock, alice, bob } = await paired();
    const outcomes = await Promise.all([alice.rotation.rotate('bob'), bob.rotation.rotate('alice')]);
    expect(outcomes).toEqual(['complete', 'complete']);
    clock.advance(OVERLAP_MS);
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('accepted');
    expect(await alice.rotation.rotate('bob')).toBe('complete');
  });

  it('waits for a peer that is away, and is finished when that one is back', async () => {
    const { alice, bob } = await paired();
    bob.state.down = true;
    const pending = alice.rotation.rotate('bob');
    await expect(pending).resolves.toBe('pending');
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    bob.state.down = false;
    await alice.worker.now('bob' as never);
    await expect.poll(() => alice.store.peers.findPeer('bob')?.overlap?.until).not.toBeNull();
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    expect(await tryToSend(alice, bob, tokenFor(alice, 'bob'))).toBe('accepted');
  }, 20_000);

  it('is refused too soon after the last time, and for who cannot be told', async () => {
    const { alice, bob } = await paired();
    await alice.rotation.rotate('bob');
    await expect(alice.rotation.rotate('bob')).rejects.toMatchObject({ code: 'rotation-pending' });
    await expect(alice.rotation.rotate('nobody')).rejects.toMatchObject({ code: 'peer-not-found' });
    bob.admin.revoke('alice');
    await expect(bob.rotation.rotate('alice')).rejects.toMatchObject({ code: 'peer-not-active' });
  });
});

describe('a peer', () => {
  it('whose machine was replaced is refused until it is bound to the new node', async () => {
    const { alice, bob, carol } = await twoSides(['alice', 'bob', 'carol']);
    const { code } = await alice.invites.create(inviteWish('bob', { confirmed: true }));
    await bob.invites.accept(acceptWish(code, { confirmed: true }));
    const token = tokenFor(bob, 'alice');
    expect(await tryToSend(carol, alice, token)).toBe('unauthenticated');
    expect(alice.audit.at(-1)).toMatchObject({ reason: 'node-mismatch', peer: 'bob', nodeId: 'ncarol' });
    expect(await alice.admin.rebind('bob', 'ncarol', true)).toMatchObject({ after: { nodeId: 'ncarol' } });
    expect(await tryToSend(carol, alice, token)).toBe('unauthenticated');
    await alice.admin.rebind('bob', 'ncarol', false);
    expect(await tryToSend(carol, alice, token)).toBe('accepted');
    expect(await tryToSend(bob, alice, token)).toBe('unauthenticated');
  });

  it('keeps everything under a new name, and that name must be free', async () => {
    const { alice, bob } = await paired();
    await tryToSend(bob, alice, tokenFor(bob, 'alice'));
    const outbound = tokenFor(alice, 'bob');
    await alice.invites.create(inviteWish('carol'));
    expect(() => alice.admin.rename('bob', 'carol')).toThrow('an open invite has the name');
    expect(() => alice.admin.rename('bob', 'all')).toThrow('reserved');
    expect(alice.admin.rename('bob', 'robert')).toMatchObject({ name: 'robert', nodeId: 'nbob' });
    expect(grantsOf(alice)).toEqual([
      'inbound robert inbox agent:main:peer-bob none',
      'outbound robert any none',
    ]);
    expect(tokenFor(alice, 'robert')).toBe(outbound);
    expect(alice.store.inbox.list(5)).toMatchObject([{ peer: 'robert' }]);
    expect(await tryToSend(bob, alice, tokenFor(bob, 'alice'))).toBe('accepted');
    expect(alice.store.inbox.findMessage('bob' as never, 'x' as MessageId)).toBeNull();
    expect(await alice.rotation.rotate('robert')).toBe('complete');
  });
});
