/**
 * `agent-peer invite`, from the two owners' chairs: two stacks, the real wire between them, a person or a script at each.
 *
 * - The code is alone on stdout. At a terminal each owner is shown who the other is, by the tailnet's words, and asked; a no
 *   grants nothing, on either side. Both are told when it is complete, and what to try first.
 * - A script says that it agrees (--yes) and that it waits (--wait); where nobody can be asked nothing is begun.
 * - Not yet is exit code 6 and loses nothing; given up is 3.
 * - What is wrong with a code, a name or an offer is one line that says what and where, and never quotes the code.
 */
import { describe, expect, it } from 'vitest';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { encodeInviteCode } from '../../src/pairing/invite-code.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { startOwner } from '../harness/owner.ts';
import { startSides, stateAt } from '../harness/pairing-side.ts';
import type { CliRun, RunningCli } from '../harness/run-cli.ts';

const MINUTE = 60_000;
const CODE = /AP1(-[0-9A-Z]{1,5}){5,}/;

async function owners(names: readonly string[] = ['alice', 'bob']) {
  const clock = createFakeClock();
  const sides = await startSides(names, clock);
  const [alice, bob, carol] = await Promise.all(sides.map((side) => startOwner(side, clock)));
  const [a, b, c] = sides;
  if (!a || !b || !alice || !bob) throw new Error('two names are needed');
  return { clock, a, b, c: c ?? b, alice, bob, carol: carol ?? bob };
}
type Owners = Awaited<ReturnType<typeof owners>>;

async function codeOn(screen: RunningCli): Promise<string> {
  return CODE.exec(await screen.shown(CODE))?.[0] ?? '';
}

async function codeFrom({ alice }: Owners, ...more: readonly string[]): Promise<string> {
  const made = await alice.cli(['invite', 'create', 'bob', ...more]);
  expect(made.exitCode).toBe(0);
  return made.stdout.trim();
}

const json = ({ stdout }: CliRun) => JSON.parse(stdout) as Record<string, unknown>;
const errorIn = ({ exitCode, stderr }: CliRun) => [exitCode, /error ([a-z-]+): /.exec(stderr)?.[1]];
const has = (text: string) => expect.stringContaining(text) as string;

describe('two people at terminals', () => {
  it('are each shown who the other is, agree, and are told what to try first', async () => {
    const { a, b, alice, bob } = await owners();
    const making = alice.sit(['invite', 'create', 'bob']);
    const code = await codeOn(making);
    const accepting = bob.sit(['invite', 'accept']);
    await accepting.shown(/Invite code: $/);
    accepting.type(`${code}\n`);
    const seen = await accepting.shown(/Become peers with alice\? \[y\/N\] $/);
    expect(seen).toMatch(/node +alice\.lab\.internal, id nalice, online\n +address +127\.[\d.]+\n/);
    expect(seen).toMatch(
      /login +nalice@example\.com\n +offers +inbox\n +gets +"inbox" is agent:main:peer-alice /,
    );
    accepting.type('y\n');
    expect(await making.shown(/Let bob in\? \[y\/N\] $/)).toMatch(/node +bob\.lab\.internal, id nbob/);
    expect([stateAt(a, 'bob'), stateAt(b, 'alice')]).toEqual(['provisional', 'provisional']);
    making.type('yes\n');
    const [made, accepted] = await Promise.all([making.done, accepting.done]);
    expect(made).toMatchObject({
      exitCode: 0,
      stdout: `${code}\n`,
      stderr: has('agent-peer send bob inbox'),
    });
    expect(accepted).toMatchObject({ exitCode: 0, stderr: has('agent-peer send alice inbox') });
    expect([stateAt(a, 'bob'), stateAt(b, 'alice')]).toEqual(['active', 'active']);
  });

  it('agree to nothing by what was typed before the question was there', async () => {
    const { a, b, alice, bob } = await owners();
    const making = alice.sit(['invite', 'create', 'bob']);
    const code = await codeOn(making);
    making.type('y\ny\n');
    const accepting = bob.sit(['invite', 'accept', code, '--yes']);
    await making.shown(/Let bob in\? \[y\/N\] $/);
    making.type('n\n');
    expect(errorIn(await making.done)).toEqual([3, 'pairing-ended']);
    expect([a.store.peers.listPeers(), a.admin.allGrants()]).toEqual([[], []]);
    await accepting.shown(/Waiting for alice/);
    for (let round = 0; round < 5; round += 1) await b.worker.now('alice' as PeerName);
    await accepting.done;
  });

  it('give nothing when the one who invites says no, and the other is told', async () => {
    const { a, b, alice, bob } = await owners();
    const making = alice.sit(['invite', 'create', 'bob']);
    const accepting = bob.sit(['invite', 'accept', await codeOn(making), '--yes']);
    await making.shown(/Let bob in/);
    making.type('n\n');
    expect(errorIn(await making.done)).toEqual([3, 'pairing-ended']);
    expect([a.store.peers.listPeers(), a.admin.allGrants()]).toEqual([[], []]);
    await accepting.shown(/Waiting for alice/);
    for (let round = 0; round < 5; round += 1) await b.worker.now('alice' as PeerName);
    expect(errorIn(await accepting.done)).toEqual([3, 'pairing-ended']);
    expect([b.store.peers.listPeers(), b.admin.allGrants()]).toEqual([[], []]);
  });

  it('give nothing when the one who accepts says anything but yes', async () => {
    const all = await owners();
    const accepting = all.bob.sit(['invite', 'accept', await codeFrom(all)]);
    await accepting.shown(/Become peers/);
    accepting.type('\n');
    const { exitCode, stderr } = await accepting.done;
    expect([exitCode, stderr]).toEqual([3, has('pairing-ended: you did not agree to "alice"')]);
    expect([stateAt(all.b, 'alice'), all.b.admin.allGrants()]).toEqual(['revoked', []]);
  });

  it('see none of the control characters in the words of others', async () => {
    const all = await owners();
    const code = await codeFrom(all);
    const [node] = all.b.state.peers;
    if (node) all.b.state.peers = [{ ...node, login: 'x\u001b[2J\nlogin     root@example.com' }];
    const accepting = all.bob.sit(['invite', 'accept', code]);
    expect(await accepting.shown(/Become peers/)).toContain('x\ufffd[2J login root@example.com');
    accepting.type('n\n');
    await accepting.done;
  });

  it.each([
    ['cancelled', 'was cancelled'],
    ['over', 'was not used in time'],
  ])('learn that the invite is %s while they wait', async (what, said) => {
    const { clock, a, alice } = await owners();
    const making = alice.sit(['invite', 'create', 'bob']);
    await making.shown(/Waiting until it is used/);
    const [invite] = a.invites.list();
    if (what === 'over') clock.advance(15 * MINUTE);
    else a.invites.cancel(invite?.id ?? '');
    const { exitCode, stderr } = await making.done;
    expect([exitCode, stderr]).toEqual([3, has(`error pairing-ended: the invite for "bob" ${said}`)]);
  });
});

describe('two scripts', () => {
  it('pair with two commands, and each has one document', async () => {
    const all = await owners();
    const made = await all.alice.cli(['invite', 'create', 'bob', '--yes', '--json']);
    const { code, invite } = json(made) as { code: string; invite: object };
    expect([made.exitCode, made.stderr, Object.keys(json(made))]).toEqual([
      0,
      '',
      ['invite', 'code', 'warnings'],
    ]);
    expect(invite).toMatchObject({ peer: 'bob', state: 'open', confirmed: true, hold: 'none', nodeId: null });
    const accepted = await all.bob.cli(['invite', 'accept', '--yes', '--json'], `${code}\n`);
    expect([accepted.exitCode, accepted.stderr]).toEqual([0, '']);
    expect(json(accepted)).toMatchObject({
      peer: { name: 'alice', state: 'active', hasOutboundToken: true },
      node: { dnsName: 'alice.lab.internal', login: 'nalice@example.com' },
      pairing: null,
      offered: ['inbox'],
      warnings: [],
    });
  });

  it('prints the code alone on stdout, and on stderr what to do with it', async () => {
    const { alice } = await owners();
    const { stdout, stderr } = await alice.cli(['invite', 'create', 'bob']);
    expect(stdout).toMatch(new RegExp(`^${CODE.source}\n$`));
    expect(stderr).toMatch(
      /agent-peer peers confirm bob\n.*agent-peer invite accept.*good once.*2026-01-01T00:15/s,
    );
  });

  it('end with 6 while the other owner has not agreed, and lose nothing by it', async () => {
    const all = await owners();
    const accepted = await all.bob.cli(['invite', 'accept', '--yes'], await codeFrom(all));
    expect(errorIn(accepted)).toEqual([6, 'pairing-waiting']);
    expect(accepted.stderr).toContain('agent-peer peers show alice');
    expect((await all.bob.cli(['peers', 'list'])).stdout).toMatch(
      /alice +provisional .* waits for its owner$/m,
    );
    expect((await all.alice.cli(['status'])).stdout).toContain('waits for you: agent-peer peers confirm bob');
    expect(await all.alice.cli(['peers', 'confirm', 'bob', '--yes'])).toMatchObject({
      exitCode: 0,
      stderr: has('bob is a peer now. Try: agent-peer send bob inbox'),
    });
    expect([stateAt(all.a, 'bob'), stateAt(all.b, 'alice')]).toEqual(['active', 'active']);
  });

  it('have the code before the wait is over, and the peer after it', async () => {
    const all = await owners();
    const making = all.alice.sit(['invite', 'create', 'bob', '--yes', '--wait', '30', '--json']);
    await all.bob.cli(['invite', 'accept', await codeOn(making), '--yes']);
    const made = await making.done;
    expect(made.stderr).toMatch(new RegExp(`^${CODE.source}\n$`));
    expect(json(made)).toMatchObject({
      invite: { state: 'open' },
      peer: { peer: { name: 'bob', state: 'active' } },
    });
  });

  it('end with 6 when nobody has used the invite, with what there is', async () => {
    const { alice } = await owners();
    const made = await alice.cli(['invite', 'create', 'bob', '--yes', '--wait', '1', '--json']);
    expect([made.exitCode, json(made)['peer']]).toEqual([6, null]);
    expect(made.stderr).toContain('pairing-waiting');
  });

  it('are told that one of them would have to be asked, before anything is begun', async () => {
    const all = await owners();
    const code = await codeFrom(all);
    const accepted = await all.bob.cli(['invite', 'accept'], code);
    expect([accepted.exitCode, accepted.stderr]).toEqual([2, has('no terminal to ask on. Say --yes')]);
    expect(await all.alice.cli(['invite', 'create', 'carol', '--wait'])).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
    expect(all.a.invites.list()).toMatchObject([{ peer: 'bob', state: 'open' }]);
    expect(all.b.store.peers.listPeers()).toEqual([]);
  });
});

describe('what is offered', () => {
  it('is what was said, on both sides, with the end of the pairing', async () => {
    const all = await owners();
    const sessions = ['--alias', 'handoff=agent:main:project-x', '--alias', 'inbox'];
    const made = await all.alice.cli([
      'invite',
      'create',
      'bob',
      ...sessions,
      '--hold',
      'inbound',
      '--expires',
      '30d',
    ]);
    expect(made.stderr).toContain('note: hold inbound: what is held waits for you');
    const accepting = all.bob.sit([
      'invite',
      'accept',
      made.stdout.trim(),
      '--no-alias',
      '--name',
      'ally',
      '--wait',
      '1',
    ]);
    const seen = await accepting.shown(/Become peers with ally\?/);
    expect(seen).toMatch(/offers +handoff, inbox\n +gets +nothing: it cannot write here\n/);
    accepting.type('y\n');
    expect(errorIn(await accepting.done)).toEqual([6, 'pairing-waiting']);
    const confirmed = await all.alice.cli(['peers', 'confirm', 'bob', '--yes']);
    expect(confirmed.stderr).toContain('bob is a peer now. It offers nothing to write to.');
    const { stdout } = await all.alice.cli(['peers', 'show', 'bob']);
    expect(stdout).toMatch(/state +active, (until|expired) 2026-01-31T/);
    expect(stdout).toMatch(
      /gets +"handoff" is agent:main:project-x \(.*\), hold inbound\n +"inbox" is agent:main:peer-bob /,
    );
    expect(stdout).toMatch(/takes +nothing from here/);
  });

  it('is warned about: the main session, and an agent with strong tools', async () => {
    const { alice } = await owners();
    alice.gateway.tools = { 'agent:main:main': { kind: 'known', tools: ['exec'] } };
    const { exitCode, stderr } = await alice.cli([
      'invite',
      'create',
      'bob',
      '--alias',
      'talk=agent:main:main',
    ]);
    expect([exitCode, stderr.match(/^warning: .*$/gm)]).toEqual([
      0,
      [has('is the main session'), has('commands (exec)')],
    ]);
  });

  it.each([
    [['me'], 'input-invalid', '"me" is a reserved name'],
    [['Bob!'], 'input-invalid', 'not a peer name'],
    [['carol'], 'peer-exists', 'there is a peer called "carol" already'],
    [['bob', '--alias', 'x=agent:main:cron:nightly'], 'session-key-invalid', 'say --special'],
    [['bob', '--alias', 'x=agent:main:subagent:1', '--alias', 'x'], 'session-key-invalid', 'session key'],
    [['bob', '--alias', 'any'], 'alias-invalid', '"any" is a reserved name'],
    [['bob', '--alias', 'Hand Off'], 'alias-invalid', 'not an alias'],
    [['bob', '--alias', 'x', '--alias', 'x=agent:main:y'], 'input-invalid', 'alias "x" is named twice'],
    [['bob', '--hold', 'perhaps'], 'input-invalid', 'Choose from none, inbound, outbound, both'],
    [['bob', '--expires', '7'], 'input-invalid', 'expiresIn: is not a duration'],
    [['bob', '--valid', '10s'], 'input-invalid', 'Use 30s to 7d'],
    [['bob', '--valid', 'soon'], 'input-invalid', 'validFor: is not a duration'],
    [['bob', '--node', 'nobody'], 'node-not-found', 'no node of the tailnet is "nobody"'],
  ])('cannot be %j', async (args, code, said) => {
    const { a, alice } = await owners(['alice', 'bob', 'carol']);
    await a.admin.add('carol', 'ncarol');
    const made = await alice.cli(['invite', 'create', ...args]);
    expect([made.stdout, errorIn(made)]).toEqual(['', [code === 'node-not-found' ? 4 : 2, code]]);
    expect(made.stderr).toContain(said);
    expect(a.invites.list()).toEqual([]);
  });
});

describe('a code', () => {
  const GOOD = encodeInviteCode({
    address: '100.64.0.1',
    port: 8080,
    nodeId: 'nalice' as NodeId,
    expiresAt: Date.UTC(2026, 0, 1, 0, 15),
    secret: 'AAECAwQFBgcICQoLDA0ODw',
  });
  const wrong = GOOD.slice(0, 10) + (GOOD[10] === '7' ? '8' : '7') + GOOD.slice(11);

  it.each([
    ['nothing', '  ', 'is empty'],
    ['another prefix', `XP1${GOOD.slice(3)}`, 'does not begin with AP1-'],
    ['one of a newer version', `AP2${GOOD.slice(3)}`, 'was made by a newer version'],
    ['an odd character', `${GOOD.slice(0, 8)}!${GOOD.slice(9)}`, 'character 5 after AP1-'],
    ['its beginning', GOOD.slice(0, 20), 'its end or a part of it is missing'],
    ['one character for another', wrong, 'has a wrong checksum'],
  ])('that is mistyped: %s', async (_what, code, said) => {
    const { b, bob } = await owners();
    const accepted = await bob.cli(['invite', 'accept', code, '--yes']);
    expect(errorIn(accepted)).toEqual([2, 'invite-invalid']);
    expect(accepted.stderr).toContain(said);
    if (code.trim() !== '') expect(accepted.stderr + b.log.text()).not.toContain(code.slice(8, 20));
    expect(b.store.peers.listPeers()).toEqual([]);
  });

  it('is not shown when it stands in the place of something else', async () => {
    const { bob } = await owners();
    const { exitCode, stderr } = await bob.cli(['invite', 'accept', '--wait', GOOD]);
    expect([exitCode, stderr]).toEqual([2, has('A code must stand before --wait')]);
    expect(stderr).not.toContain(GOOD.slice(4, 15));
  });

  it('may be typed in small letters, without its dashes and with blanks', async () => {
    const all = await owners();
    const code = (await codeFrom(all, '--yes')).toLowerCase().replaceAll('-', ' ');
    expect((await all.bob.cli(['invite', 'accept', code, '--yes'])).exitCode).toBe(0);
  });

  it('that was used by another one is refused, and so for whom it was not made', async () => {
    const all = await owners(['alice', 'bob', 'carol']);
    const code = await codeFrom(all, '--yes');
    expect((await all.carol.cli(['invite', 'accept', code, '--yes'])).exitCode).toBe(0);
    const late = await all.bob.cli(['invite', 'accept', code, '--yes']);
    expect([errorIn(late), late.stderr]).toEqual([[3, 'invite-refused'], has('was used already')]);
    const made = await all.alice.cli(['invite', 'create', 'dave', '--node', 'carol']);
    const other = await all.bob.cli(['invite', 'accept', made.stdout, '--yes']);
    expect([errorIn(other), other.stderr]).toEqual([[3, 'invite-refused'], has('was made for another node')]);
    expect(all.b.store.peers.listPeers()).toEqual([]);
  });

  it.each([
    ['expired', 3, 'invite-refused', 'has expired'],
    ['cancelled', 3, 'invite-refused', 'knows no such invite'],
    ['one of this very stack', 3, 'invite-refused', 'an invite of this very stack'],
    ['of a node that is not here', 4, 'node-not-found', 'is not on this tailnet'],
  ])('that is %s', async (what, exit, error, said) => {
    const all = await owners();
    const code = await codeFrom(all);
    if (what === 'expired') all.clock.advance(16 * MINUTE);
    if (what === 'cancelled')
      expect((await all.alice.cli(['invite', 'cancel', all.a.invites.list()[0]?.id ?? ''])).exitCode).toBe(0);
    if (what === 'of a node that is not here') all.b.state.peers = [];
    const who = what === 'one of this very stack' ? all.alice : all.bob;
    const accepted = await who.cli(['invite', 'accept', code, '--yes']);
    expect([errorIn(accepted), accepted.stderr]).toEqual([[exit, error], has(said)]);
    expect(all.b.store.peers.listPeers()).toEqual([]);
  });

  it.each([
    ['is taken', ['--name', 'carol'], 'peer-exists'],
    ['is reserved', ['--name', 'self'], 'input-invalid'],
    ['has odd characters', ['--name', 'Ä'], 'input-invalid'],
  ])('is not used up by a name that %s', async (_what, more, error) => {
    const all = await owners(['alice', 'bob', 'carol']);
    await all.b.admin.add('carol', 'ncarol');
    const code = await codeFrom(all);
    expect(errorIn(await all.bob.cli(['invite', 'accept', code, '--yes', ...more]))).toEqual([2, error]);
    expect(all.a.invites.list()).toMatchObject([{ state: 'open' }]);
  });
});

describe('a stack that cannot be reached', () => {
  async function away() {
    const all = await owners();
    const code = await codeFrom(all, '--yes');
    const [node] = all.b.state.peers;
    if (node === undefined) throw new Error('no node');
    all.b.state.peers = [{ ...node, ipv4: '127.0.0.9' }];
    return { ...all, code, back: () => (all.b.state.peers = [node]) };
  }

  it('is no end: the command says that it goes on, and how to look', async () => {
    const { b, bob, code, back } = await away();
    const accepted = await bob.cli(['invite', 'accept', code, '--yes']);
    expect(errorIn(accepted)).toEqual([5, 'peer-unreachable']);
    expect(accepted.stderr).toMatch(/tried again by itself\..*agent-peer peers confirm alice/);
    expect((await bob.cli(['peers', 'list'])).stdout).toMatch(
      /alice +provisional .* waits until it can be reached$/m,
    );
    back();
    await b.worker.now('alice' as PeerName);
    await b.worker.now('alice' as PeerName);
    expect(stateAt(b, 'alice')).toBe('active');
  });

  it('is waited for when that is asked for, and then shown', async () => {
    const { b, bob, code, back } = await away();
    const accepting = bob.sit(['invite', 'accept', code]);
    await accepting.shown(/It is tried again until it can be/);
    back();
    await b.worker.now('alice' as PeerName);
    expect(await accepting.shown(/Become peers with alice\?/)).toMatch(/login +nalice@example\.com/);
    accepting.type('y\n');
    expect(await accepting.done).toMatchObject({ exitCode: 0, stderr: has('alice is a peer now.') });
  });
});

describe('invites', () => {
  it('are listed with what became of them, and never with a code', async () => {
    const all = await owners();
    const code = await codeFrom(all, '--yes');
    await all.bob.cli(['invite', 'accept', code, '--yes']);
    await all.alice.cli(['invite', 'create', 'dave', '--no-alias', '--node', 'bob']);
    const { stdout } = await all.alice.cli(['invite', 'list']);
    expect(stdout).toMatch(/^ID +PEER +STATE +OFFERS +FOR NODE +USED BY +EXPIRES$/m);
    expect(stdout).toMatch(/^\w{8} +bob +used +inbox +any +nbob +2026-/m);
    expect(stdout).toMatch(/^\w{8} +dave +open +- +nbob +- +2026-/m);
    expect(stdout).not.toMatch(CODE);
    expect((await all.bob.cli(['invite', 'list'])).stderr).toContain('No invites');
  });

  it('are cancelled by their id; one that has led to a peer is not', async () => {
    const all = await owners();
    const code = await codeFrom(all, '--yes');
    await all.bob.cli(['invite', 'accept', code, '--yes']);
    const { id = '' } = all.a.invites.list()[0] ?? {};
    expect(errorIn(await all.alice.cli(['invite', 'cancel', id]))).toEqual([3, 'invite-refused']);
    expect(errorIn(await all.alice.cli(['invite', 'cancel', 'x']))).toEqual([4, 'invite-not-found']);
    expect(stateAt(all.a, 'bob')).toBe('active');
  });
});
