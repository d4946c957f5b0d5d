/**
 * `agent-peer peers` and `agent-peer grants`, from the owner's chair, with two stacks and the real wire between them.
 *
 * - A peer is shown by the tailnet's words, with what it may do here and what agents here may do there.
 * - What cannot be taken back is asked first; a script says --yes, and without either nothing is done.
 * - Tokens change without a loss; a revoke says what it ended and what is left to do on the tailnet.
 * - By hand: what one owner exports the other one adds. It has no secret, and a file whose words are not of one node is refused.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { startOwner } from '../harness/owner.ts';
import { startSides, stateAt, tokenFor } from '../harness/pairing-side.ts';
import type { CliRun } from '../harness/run-cli.ts';
import { samplePeer } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';

async function owners() {
  const clock = createFakeClock();
  const [a, b, c] = await startSides(['alice', 'bob', 'carol'], clock);
  if (!a || !b || !c) throw new Error('three are needed');
  return { clock, a, b, c, alice: await startOwner(a, clock), bob: await startOwner(b, clock) };
}

async function paired() {
  const all = await owners();
  const { stdout } = await all.alice.cli(['invite', 'create', 'bob', '--yes']);
  expect((await all.bob.cli(['invite', 'accept', '--yes'], stdout)).exitCode).toBe(0);
  return all;
}

const json = ({ stdout }: CliRun) => JSON.parse(stdout) as Record<string, unknown>;
const errorIn = ({ exitCode, stderr }: CliRun) => [exitCode, /error ([a-z-]+): /.exec(stderr)?.[1]];
const has = (text: string) => expect.stringContaining(text) as string;

function inFile(text: string): string {
  const file = join(tempFolder(), 'bob.md');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('peers show', () => {
  it('tells who it is, what it may do here, and what agents here may do there', async () => {
    const { alice } = await paired();
    expect((await alice.cli(['peers', 'show', 'bob'])).stdout.split('\n')).toEqual([
      'bob',
      '  state     active',
      '  node      bob.lab.internal, id nbob, online',
      expect.stringMatching(/^ {2}address {3}127\.[\d.]+$/),
      '  login     nbob@example.com',
      '  token     stored',
      '  gets      "inbox" is agent:main:peer-bob (message-send, task-read, task-cancel)',
      '  takes     every alias that it offers',
      '',
    ]);
  });

  it('tells of a node that is gone, and of another login than before', async () => {
    const { a, alice } = await paired();
    const shown = async () => (await alice.cli(['peers', 'show', 'bob'])).stdout;
    a.state.peers = a.state.peers.map((node) => ({ ...node, login: 'eve@example.com' }));
    expect(await shown()).toContain('eve@example.com; it was nbob@example.com when it was added');
    a.state.peers = [];
    expect(await shown()).toContain('id nbob, not on the tailnet now');
    expect(errorIn(await alice.cli(['peers', 'show', 'dave']))).toEqual([4, 'peer-not-found']);
  });
});

describe('peers confirm', () => {
  it('lets a paused peer go on, after a look at it', async () => {
    const { a, alice } = await owners();
    a.store.peers.addPeer(samplePeer('robert' as PeerName, { nodeId: 'nx' as NodeId, state: 'paused' }));
    expect((await alice.cli(['peers', 'list'])).stdout).toMatch(
      /robert +paused .* until you say: agent-peer peers confirm robert$/m,
    );
    const no = alice.sit(['peers', 'confirm', 'robert']);
    expect(await no.shown(/Let robert go on\?/)).toContain('id nx, not on the tailnet now');
    no.type('\n');
    expect([errorIn(await no.done), stateAt(a, 'robert')]).toEqual([[2, 'input-invalid'], 'paused']);
    expect(errorIn(await alice.cli(['peers', 'confirm', 'robert']))).toEqual([2, 'input-invalid']);
    const yes = await alice.cli(['peers', 'confirm', 'robert', '--yes']);
    expect([yes.exitCode, yes.stderr, stateAt(a, 'robert')]).toEqual([0, has('robert goes on.'), 'active']);
  });

  it('has nothing to do for an active peer, and cannot bring back a revoked one', async () => {
    const { alice } = await paired();
    expect((await alice.cli(['peers', 'confirm', 'bob', '--yes'])).stderr).toContain('nothing to confirm');
    await alice.cli(['peers', 'revoke', 'bob', '--yes']);
    expect(errorIn(await alice.cli(['peers', 'confirm', 'bob', '--yes']))).toEqual([3, 'peer-not-active']);
  });

  it('says when the other owner has not agreed yet', async () => {
    const { alice, bob } = await owners();
    const { stdout } = await alice.cli(['invite', 'create', 'bob']);
    const accepting = bob.sit(['invite', 'accept', stdout.trim()]);
    await accepting.shown(/Become peers/);
    const confirmed = await alice.cli(['peers', 'confirm', 'bob', '--yes']);
    expect([confirmed.exitCode, confirmed.stderr]).toEqual([
      0,
      has("You have agreed: bob's owner has not agreed yet"),
    ]);
    accepting.type('y\n');
    expect((await accepting.done).exitCode).toBe(0);
  });
});

describe('peers rotate', () => {
  it('changes both tokens', async () => {
    const { a, b, alice } = await paired();
    const before = [tokenFor(a, 'bob'), tokenFor(b, 'alice')];
    const rotated = await alice.cli(['peers', 'rotate', 'bob', '--json']);
    expect([rotated.exitCode, json(rotated)['rotation'], rotated.stderr]).toEqual([0, 'complete', '']);
    const after = [tokenFor(a, 'bob'), tokenFor(b, 'alice')];
    expect(after.some((token) => before.includes(token))).toBe(false);
    expect(JSON.stringify(rotated)).not.toMatch(/apt_/);
    expect(errorIn(await alice.cli(['peers', 'rotate', 'bob']))).toEqual([6, 'rotation-pending']);
  });

  it('ends with 6 when the peer is away, and goes on by itself', async () => {
    const { a, alice } = await paired();
    const there = a.state.peers;
    a.state.peers = there.map((node) => ({ ...node, ipv4: '127.0.0.9' }));
    const rotated = await alice.cli(['peers', 'rotate', 'bob']);
    expect([errorIn(rotated), rotated.stderr]).toEqual([[6, 'rotation-pending'], has('goes on by itself')]);
    expect((await alice.cli(['peers', 'show', 'bob'])).stdout).toContain(
      'new tokens were made that it does not know yet',
    );
    a.state.peers = there;
    await a.worker.now('bob' as PeerName);
    await expect
      .poll(async () => (await alice.cli(['peers', 'show', 'bob'])).stdout)
      .toMatch(/token +stored\n/);
  });

  it('needs a peer that can be told', async () => {
    const { a, alice } = await owners();
    await a.admin.add('bob', 'nbob');
    expect(errorIn(await alice.cli(['peers', 'rotate', 'bob']))).toEqual([4, 'peer-token-missing']);
  });
});

describe('peers revoke', () => {
  it('asks, ends everything, and says what is left to do on the tailnet', async () => {
    const { a, alice } = await paired();
    await alice.cli(['send', 'bob', 'inbox', 'not handed over']);
    const no = alice.sit(['peers', 'revoke', 'bob']);
    await no.shown(/End bob\? .*\[y\/N\] $/);
    no.type('no\n');
    expect([errorIn(await no.done), stateAt(a, 'bob')]).toEqual([[2, 'input-invalid'], 'active']);
    expect(errorIn(await alice.cli(['peers', 'revoke', 'bob']))).toEqual([2, 'input-invalid']);
    const { exitCode, stderr } = await alice.cli(['peers', 'revoke', 'bob', '--yes']);
    expect([exitCode, stateAt(a, 'bob'), a.admin.allGrants()]).toEqual([0, 'revoked', []]);
    expect(stderr).toMatch(/^bob is revoked: .*\nEnded: 1 message to bob, 0 messages from bob\.\n/);
    expect(stderr).toMatch(/To take it off: bob\.lab\.internal \(127\.[\d.]+\)\n.*Machines.*Remove/s);
    expect(stderr).toContain('headscale nodes delete --identifier ID');
    expect((await alice.cli(['status'])).stdout).toMatch(/bob: revoked, online$/m);
  });
});

describe('peers rename and rebind', () => {
  it('calls it something else', async () => {
    const { a, alice } = await paired();
    expect(await alice.cli(['peers', 'rename', 'bob', 'robert'])).toMatchObject({
      exitCode: 0,
      stderr: 'bob is called robert here now.\n',
    });
    expect(stateAt(a, 'robert')).toBe('active');
    expect(errorIn(await alice.cli(['peers', 'rename', 'robert', 'Me!']))).toEqual([2, 'input-invalid']);
  });

  it('shows both nodes before it moves a peer, and warns of another login', async () => {
    const { a, alice } = await paired();
    const moving = alice.sit(['peers', 'rebind', 'bob', '--node', 'carol']);
    const seen = await moving.shown(/Move bob\? \[y\/N\] $/);
    expect(seen).toMatch(
      /from +node nbob of nbob@example\.com\n +to +node ncarol of ncarol@example\.com\nwarning: .*another login/,
    );
    moving.type('n\n');
    expect([errorIn(await moving.done), a.store.peers.findPeer('bob')?.nodeId]).toEqual([
      [2, 'input-invalid'],
      'nbob',
    ]);
    const moved = await alice.cli(['peers', 'rebind', 'bob', '--node', 'carol', '--yes', '--json']);
    expect(json(moved)).toMatchObject({ before: { nodeId: 'nbob' }, after: { nodeId: 'ncarol' } });
    expect(a.store.peers.findPeer('bob')).toMatchObject({ nodeId: 'ncarol', login: 'ncarol@example.com' });
    expect(errorIn(await alice.cli(['peers', 'rebind', 'bob', '--node', 'dave', '--yes']))).toEqual([
      4,
      'node-not-found',
    ]);
  });
});

describe('by hand', () => {
  it('what one owner exports the other adds, and the tokens go another way', async () => {
    const { a, b, alice, bob } = await owners();
    const exported = await alice.cli(['peers', 'export']);
    expect(exported).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: has('# The agent-peer stack "alice"'),
    });
    expect(exported.stdout).not.toMatch(/apt_|apo_/);
    const added = await bob.cli(['peers', 'add', inFile(exported.stdout)]);
    expect([added.exitCode, added.stdout]).toEqual([0, expect.stringMatching(/^apt_[\w-]{43}\n$/)]);
    expect(added.stderr).toMatch(
      /alice is now a peer: node nalice of nalice@example.com.*agent-peer peers token alice/s,
    );
    const back = await bob.cli(['peers', 'export', 'alice', '--json']);
    const file = inFile(added.stdout);
    const also = await alice.cli(
      ['peers', 'add', '-', '--name', 'robert', '--expires', '30d', '--token-file', file, '--json'],
      back.stdout,
    );
    expect(json(also)).toMatchObject({ peer: { name: 'robert', nodeId: 'nbob' }, hasOutboundToken: true });
    expect(a.store.peers.outboundToken('robert' as PeerName)).toBe(readFileSync(file, 'utf8').trim());
    expect([stateAt(a, 'robert'), stateAt(b, 'alice')]).toEqual(['active', 'active']);
  });

  it('an OpenClaw without agent-peer is added with its reply mode and port, and both can be changed', async () => {
    const { a, alice } = await owners();
    const added = await alice.cli([
      'peers',
      'add',
      'bob',
      '--node',
      'bob',
      '--reply-mode',
      'send-back',
      '--json',
    ]);
    expect(json(added)).toMatchObject({ peer: { replyMode: 'send-back', port: 18_789 } });
    const token = inFile('as-long-as-its-owner-likes');
    expect((await alice.cli(['peers', 'token', 'bob', '--file', token])).exitCode).toBe(0);
    await alice.cli(['peers', 'reply-mode', 'bob', 'send-back', '--port', '18790']);
    expect((await alice.cli(['peers', 'show', 'bob'])).stdout).toMatch(
      /^ {2}replies .* port 18790 \(send-back\)$/m,
    );
    expect(errorIn(await alice.cli(['peers', 'rotate', 'bob']))).toEqual([2, 'input-invalid']);
    await alice.cli(['peers', 'reply-mode', 'bob', 'task']);
    expect(a.store.peers.findPeer('bob')?.replies).toEqual({ mode: 'task' });
  });

  it.each([
    ['a mode that there is not', ['--reply-mode', 'push']],
    ['a port of its own with mode task', ['--reply-mode', 'task', '--port', '18789']],
    ['a port without a mode', ['--port', '18789']],
    ['no port', ['--reply-mode', 'send-back', '--port', '0']],
    ['words for a port', ['--reply-mode', 'send-back', '--port', 'http']],
  ])('nobody is added with %s', async (_what, options) => {
    const { a, alice } = await owners();
    const added = await alice.cli(['peers', 'add', 'bob', '--node', 'bob', ...options]);
    expect(errorIn(added)).toEqual([2, 'input-invalid']);
    expect(a.store.peers.listPeers()).toEqual([]);
  });

  it('asks for the token of the other side unseen, or does without it', async () => {
    const { b, alice, bob } = await owners();
    const file = inFile((await alice.cli(['peers', 'export'])).stdout);
    const token = `apt_${'k'.repeat(43)}`;
    const adding = bob.sit(['peers', 'add', file]);
    await adding.shown(/Token that its owner made for this stack \(Enter if you have none yet\): $/);
    adding.type(`${token}\r`);
    expect(await adding.done).toMatchObject({ exitCode: 0, stderr: has('messages to alice can be sent') });
    expect(tokenFor(b, 'alice')).toBe(token);
  });

  it('does not lose the token that was made when the other one is not taken', async () => {
    const { b, alice, bob } = await owners();
    const file = inFile((await alice.cli(['peers', 'export'])).stdout);
    const added = await bob.cli(['peers', 'add', file, '--token-file', inFile('no token')]);
    expect([errorIn(added), added.stdout]).toEqual([[2, 'input-invalid'], expect.stringMatching(/^apt_/)]);
    expect(stateAt(b, 'alice')).toBe('active');
  });

  it('lists the aliases that the peer has here, with where to write', async () => {
    const { alice } = await paired();
    const { stdout } = await alice.cli(['peers', 'export', 'bob']);
    expect(stdout).toMatch(/- `inbox` at http:\/\/127\.[\d.]+:\d+\/a2a\/v1\n/);
    expect(stdout).toMatch(/curl http:\/\/127\.[\d.]+:\d+\/a2a\/v1 -H @FILE/);
    expect(errorIn(await alice.cli(['peers', 'export', 'dave']))).toEqual([4, 'peer-not-found']);
  });

  it.each([
    ['no description', 'hello', 'bob.md: has no ```json block, and is no JSON'],
    ['half a JSON', '{"format": 1,', 'bob.md line 1: no JSON'],
    ['another node’s name', { dnsName: 'carol.lab.internal' }, 'node nalice is not carol.lab.internal'],
    ['another node’s address', { ipv4: '127.0.0.1' }, 'does not have the address 127.0.0.1'],
    [
      'a node that is not here',
      { nodeId: 'ndave' },
      'node ndave (alice.lab.internal) is not on this tailnet',
    ],
  ])('refuses a file with %s', async (_what, change, said) => {
    const { b, alice, bob } = await owners();
    const config = json(await alice.cli(['peers', 'export', '--json']));
    const node = { ...(config['node'] as object), ...(typeof change === 'string' ? {} : change) };
    const text = typeof change === 'string' ? change : JSON.stringify({ ...config, node });
    const added = await bob.cli(['peers', 'add', inFile(text)]);
    expect([added.stdout, added.stderr]).toEqual(['', has(said)]);
    expect(b.store.peers.listPeers()).toEqual([]);
  });

  it.each([
    [['peers', 'add', 'carol'], 'carol: cannot be read (ENOENT)'],
    [['peers', 'add', 'carol', '--node', 'carol', '--name', 'c'], 'there is a --node and a --name'],
    [['peers', 'add', 'carol', '--node', 'carol', '--expires', 'x'], 'expiresIn: is not a duration'],
  ])('refuses %j', async (args, said) => {
    const { a, alice } = await owners();
    const added = await alice.cli(args);
    expect([errorIn(added), added.stderr]).toEqual([[2, 'input-invalid'], has(said)]);
    expect(a.store.peers.listPeers()).toEqual([]);
  });

  it('takes a peer for a time, and shows until when', async () => {
    const { alice } = await owners();
    expect((await alice.cli(['peers', 'add', 'bob', '--node', 'bob', '--expires', '30d'])).exitCode).toBe(0);
    expect((await alice.cli(['peers', 'list'])).stdout).toMatch(
      /bob +active +nbob .* missing +(until|expired) 2026-01-31T/,
    );
  });
});

describe('grants', () => {
  it('are given, listed and taken back in both directions', async () => {
    const { alice } = await paired();
    const inbound = [
      'grants',
      'add',
      'bob',
      'handoff',
      '--session',
      'agent:main:x',
      '--sends-per-minute',
      '2',
    ];
    expect((await alice.cli(inbound)).stderr).toBe('bob may now write to agent:main:x as "handoff".\n');
    const outbound = await alice.cli(['grants', 'add', 'bob', 'review', '--outbound', '--hold', 'outbound']);
    expect(outbound).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: has(
        'Agents of this machine may now write to bob, "review".\nnote: hold outbound: what is held waits for you',
      ),
    });
    const { stdout } = await alice.cli(['grants', 'list', 'bob']);
    expect(stdout).toMatch(
      /^from +bob +"handoff" is agent:main:x \(message-send, task-read, task-cancel, 2 a minute\)$/m,
    );
    expect(stdout).toMatch(/^to +bob +every alias that it offers$/m);
    expect(stdout).toMatch(/^to +bob +review, hold outbound$/m);
    expect((await alice.cli(['grants', 'remove', 'bob', 'any', '--outbound'])).exitCode).toBe(0);
    expect((await alice.cli(['aliases', 'remove', 'bob', 'handoff'])).stderr).toBe(
      'bob may not use "handoff" any more.\n',
    );
    expect(errorIn(await alice.cli(['grants', 'remove', 'bob', 'handoff']))).toEqual([4, 'grant-not-found']);
    const { exitCode } = await alice.cli(['explain', 'bob', 'message-send', 'handoff']);
    expect(exitCode).toBe(3);
  });

  it.each([
    [['x'], 'neither --session nor --outbound'],
    [['x', '--outbound', '--session', 'agent:main:x'], 'there is a --session and --outbound'],
    [['x', '--outbound', '--operations', 'task-read'], 'operations'],
    [['any', '--session', 'agent:main:x'], '"any" is a reserved name'],
    [['x', '--session', 'agent:main:cron:x'], 'say --special'],
  ])('refuses grants add bob %j', async (args, said) => {
    const { a, alice } = await paired();
    const before = a.admin.allGrants();
    const added = await alice.cli(['grants', 'add', 'bob', ...args]);
    expect([added.exitCode, added.stderr]).toEqual([2, has(said)]);
    expect(a.admin.allGrants()).toEqual(before);
  });
});
