/**
 * `agent-peer`, as a person or a script runs it inside the proxy container.
 *
 * It talks to the loopback API alone, with the owner's token from the data directory. What was asked for goes to stdout,
 * explanations and errors to stderr; with --json both are JSON. Exit codes tell the kinds of failure apart. A text is
 * checked before anything is sent. A secret comes by stdin, by file or typed, never by argument, and is never printed.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AgentPeerError } from '../../src/errors.ts';
import { startLocalStack, OWNER, type LocalStack } from '../harness/local-stack.ts';
import { runCli, spawnCli, type CliInput } from '../harness/run-cli.ts';
import { BOB, sampleOutboundGrant } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';

async function withBob() {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  const dataDir = tempFolder();
  writeFileSync(join(dataDir, 'owner-token'), `${OWNER}\n`, { mode: 0o600 });
  const env = { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(stack.port) };
  const cli = (args: readonly string[], stdin?: CliInput['stdin']) =>
    runCli(args, { env, ...(stdin === undefined ? {} : { stdin }) });
  return { stack, env, dataDir, cli };
}

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const errorOf = (stderr: string) =>
  (json(stderr) as { error: { code: string; message: string; fix: string } }).error;

async function whenSent(stack: LocalStack): Promise<string> {
  for (;;) {
    const [first] = stack.store.outbox.list(1);
    if (first !== undefined) return first.id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('send', () => {
  it('takes the text from the argument, and answers with the message', async () => {
    const { stack, cli } = await withBob();
    const { exitCode, stdout } = await cli(['send', 'bob', 'handoff', 'two', 'words', '--json']);
    expect(exitCode).toBe(0);
    expect(json(stdout)).toMatchObject({ peer: 'bob', alias: 'handoff', state: 'queued' });
    expect(stack.store.outbox.list(1)[0]?.text).toBe('two words');
  });

  it.each([[['send', 'bob', 'handoff']], [['send', 'bob', 'handoff', '-']]])(
    'takes the text from stdin, byte for byte: %s',
    async (args) => {
      const { stack, cli } = await withBob();
      expect((await cli(args, 'first line\n  grüße 🙂\n')).exitCode).toBe(0);
      expect(stack.store.outbox.list(1)[0]?.text).toBe('first line\n  grüße 🙂\n');
    },
  );

  it('takes the text from a file, and goes on with a conversation', async () => {
    const { stack, cli, dataDir } = await withBob();
    const file = join(dataDir, 'note.md');
    writeFileSync(file, '# note\n');
    expect((await cli(['send', 'bob', 'handoff', '--file', file, '--conversation', 'c-1'])).exitCode).toBe(0);
    expect(stack.store.outbox.list(1)[0]).toMatchObject({ text: '# note\n', conversation: 'c-1' });
  });

  it('prints only the id on stdout, so that a script can use it', async () => {
    const { stack, cli } = await withBob();
    const { stdout, stderr } = await cli(['send', 'bob', 'handoff', 'hello']);
    expect(stdout).toBe(`${await whenSent(stack)}\n`);
    expect(stderr).toContain('agent-peer messages show');
  });

  it('warns of what looks like a secret, to a person and to a script, and sends it', async () => {
    const { stack, cli } = await withBob();
    const text = 'the key: AKIAIOSFODNN7EXAMPLE';
    const told = await cli(['send', 'bob', 'handoff', text]);
    expect([told.exitCode, told.stderr]).toEqual([0, expect.stringContaining('warning: The message has')]);
    const { stdout, stderr } = await cli(['send', 'bob', 'handoff', text, '--wait', '1', '--json']);
    expect(json(stdout)['warnings']).toEqual([expect.stringContaining('an access key of AWS')]);
    expect(stderr).not.toContain('warning:');
    expect(stack.store.outbox.list(10)).toHaveLength(2);
  });

  it.each([
    ['empty', ''],
    ['white space', ' \n\t'],
    ['not UTF-8', Buffer.from([0x68, 0x69, 0xff])],
    ['over 64 KiB', 'x'.repeat(64 * 1024 + 1)],
    ['with a NUL', 'a\0b'],
  ])('refuses a text that is %s before anything is sent', async (_what, stdin) => {
    const { stack, cli } = await withBob();
    const { exitCode, stdout, stderr } = await cli(['send', 'bob', 'handoff', '--json'], stdin);
    expect([exitCode, stdout, errorOf(stderr).code]).toEqual([2, '', 'message-invalid']);
    expect(stack.store.outbox.list(1)).toEqual([]);
  });

  it('takes a text of exactly 64 KiB', async () => {
    const { cli } = await withBob();
    expect((await cli(['send', 'bob', 'handoff'], 'x'.repeat(64 * 1024))).exitCode).toBe(0);
  });

  it('does not choose between a text and a file', async () => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli(['send', 'bob', 'handoff', 'text', '--file', '/etc/hostname']);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error input-invalid: /)]);
  });

  it('says that the peer is unknown', async () => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli(['send', 'nobody', 'handoff', '--json'], 'hello');
    expect([exitCode, errorOf(stderr).code]).toEqual([4, 'peer-not-found']);
  });
});

describe('send --kind', () => {
  async function withFiles() {
    const all = await withBob();
    const notes = join(all.dataDir, 'notes.md');
    const state = join(all.dataDir, 'state.json');
    writeFileSync(notes, '# notes\n');
    writeFileSync(state, '{"branch": "main",\n "failing": [1, 2]}');
    return { ...all, notes, state };
  }

  it('takes fields, texts and JSON, and messages show prints them with the answer', async () => {
    const { stack, cli, notes, state } = await withFiles();
    const kind = ['--kind', 'delegation', '--done-when', 'the tests are green', '--deadline', '2h'];
    const context = ['--context-json', state, '--context', notes, '--context', notes];
    const { exitCode, stdout } = await cli(['send', 'bob', 'handoff', 'mend it', ...kind, ...context]);
    expect(exitCode).toBe(0);
    expect(stack.store.outbox.list(1)[0]).toMatchObject({
      text: 'mend it',
      content: {
        kind: 'delegation',
        fields: { doneWhen: 'the tests are green', deadlineSeconds: 7_200 },
        context: [
          { type: 'text', text: '# notes\n' },
          { type: 'text', text: '# notes\n' },
          { type: 'json', value: { branch: 'main', failing: [1, 2] } },
        ],
      },
    });
    stack.happen(stdout.trim(), { kind: 'replied', taskId: 't1', reply: 'Declined: no access' });
    const shown = (await cli(['messages', 'show', stdout.trim()])).stdout;
    expect(shown).toMatch(
      /^kind +delegation\ndoneWhen +the tests are green\ndeadlineSeconds +7200\ntext\nmend it$/m,
    );
    expect(shown).toContain('context 1 of 3 (text)\n# notes\n');
    expect(shown).toContain('context 3 of 3 (json)\n{\n  "branch": "main",');
    expect(shown).toMatch(/^answer +declined: no access\nreply\nDeclined: no access$/m);
  });

  it.each([
    [['--kind', 'handoff', '--status', 'half done', '--next', 'the rest']],
    [['--kind', 'insight', '--topic', 'caches', '--confidence', 'high']],
    [['--kind', 'review', '--artifact', 'PR 7', '--questions', 'Is it safe?', '--deadline', '45m']],
  ])('takes %j', async (options) => {
    const { stack, cli } = await withBob();
    expect((await cli(['send', 'bob', 'handoff', 'hello', ...options])).exitCode).toBe(0);
    const content = stack.store.outbox.list(1)[0]?.content;
    expect(content?.kind).toBe(options[1]);
    expect(Object.values(content?.fields ?? {}).slice(0, 2)).toEqual([options[3], options[5]]);
  });

  it.each([
    [['--kind', 'order'], '--kind: there is no such kind. Use one of message, handoff'],
    [
      ['--kind', 'handoff', '--done-when', 'x'],
      '--done-when: is no field of the kind handoff. It goes with the kind delegation; that kind has status, next',
    ],
    [['--topic', 'x'], '--topic: is no field of the kind message. It goes with the kind insight'],
    [['--kind', 'review', '--deadline', '2027-01-01'], '--deadline: is not a duration'],
    [['--kind', 'insight', '--confidence', 'very'], '--confidence: is none. Use one of low, medium, high'],
    [['--kind', 'handoff', '--status', ' '], '--status: is empty'],
    [['--context', '/nowhere/notes.md'], '--context /nowhere/notes.md: ENOENT'],
    [['--context-json', 'NOTES'], /--context-json \S+, character 1: expected a value/],
    [['--context', 'BINARY'], /--context \S+: is not UTF-8/],
  ])('refuses %j before anything is sent', async (options, what) => {
    const { stack, cli, notes, dataDir } = await withFiles();
    const binary = join(dataDir, 'binary');
    writeFileSync(binary, Buffer.from([0xff]));
    const files = new Map([
      ['NOTES', notes],
      ['BINARY', binary],
    ]);
    const named = options.map((option) => files.get(option) ?? option);
    const { exitCode, stdout, stderr } = await cli(['send', 'bob', 'handoff', 'hello', ...named]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(what);
    expect(stack.store.outbox.list(1)).toEqual([]);
  });
});

describe('send --wait', () => {
  it('prints the reply and nothing else', async () => {
    const { stack, cli } = await withBob();
    const run = cli(['send', 'bob', 'handoff', 'hello', '--wait', '30']);
    stack.happen(await whenSent(stack), { kind: 'replied', taskId: 't1', reply: 'hello\nyourself' });
    expect(await run).toEqual({ exitCode: 0, stdout: 'hello\nyourself\n', stderr: '' });
  });

  it('succeeds without a reply when the agent chose to send none', async () => {
    const { stack, cli } = await withBob();
    const run = cli(['send', 'bob', 'handoff', 'hello', '--wait']);
    stack.happen(await whenSent(stack), { kind: 'replied', taskId: 't1', reply: null });
    expect(await run).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('no reply') as string,
    });
  });

  it.each([
    [
      'refused',
      { kind: 'refused', reason: 'alias-not-granted', detail: 'no such alias' },
      'alias-not-granted',
    ],
    ['failed', { kind: 'failed', detail: 'the model failed' }, 'the model failed'],
    ['uncertain', { kind: 'uncertain', detail: 'the session was reset' }, 'the session was reset'],
    ['expired', { kind: 'expired' }, 'expired'],
  ] as const)(
    'ends with 3 when it was %s, and shows the message all the same',
    async (state, event, word) => {
      const { stack, cli } = await withBob();
      const run = cli(['send', 'bob', 'handoff', 'hello', '--wait', '30', '--json']);
      stack.happen(await whenSent(stack), event);
      const { exitCode, stdout, stderr } = await run;
      expect([exitCode, json(stdout)['state'], errorOf(stderr).code]).toEqual([
        3,
        state,
        'message-not-answered',
      ]);
      expect(errorOf(stderr).message).toContain(word);
    },
  );

  it('ends with 6 when the time is up, and says how to go on waiting', async () => {
    const { stack, cli } = await withBob();
    const { exitCode, stdout, stderr } = await cli([
      'send',
      'bob',
      'handoff',
      'hello',
      '--wait',
      '1',
      '--json',
    ]);
    expect([exitCode, json(stdout)['state'], errorOf(stderr).code]).toEqual([6, 'queued', 'message-pending']);
    expect(errorOf(stderr).fix).toContain(`messages show ${await whenSent(stack)} --wait`);
  });

  it('says what is wrong when the text stands where the seconds belong', async () => {
    const { stack, cli } = await withBob();
    const { exitCode, stderr } = await cli(['send', 'bob', 'handoff', '--wait', 'hello']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('A text must stand before --wait') as string,
    ]);
    expect(stack.store.outbox.list(1)).toEqual([]);
  });
});

describe('messages', () => {
  it('lists them, and shows one', async () => {
    const { stack, cli } = await withBob();
    await cli(['send', 'bob', 'handoff', 'hello there']);
    const id = await whenSent(stack);
    expect((await cli(['messages'])).stdout).toMatch(
      new RegExp(`to +bob +handoff +queued +${id} +hello there`),
    );
    expect((await cli(['messages', 'show', id])).stdout).toMatch(/state +queued, attempts: 0/);
    expect(json((await cli(['messages', 'show', id, '--json'])).stdout)).toMatchObject({
      id,
      state: 'queued',
      attempts: 0,
    });
  });

  it('is offered for as long as was said', async () => {
    const { stack, cli } = await withBob();
    expect((await cli(['send', 'bob', 'handoff', 'hello', '--ttl', '12h'])).exitCode).toBe(0);
    const [sent] = stack.store.outbox.list(1);
    expect((sent?.expiresAt ?? 0) - (sent?.createdAt ?? 0)).toBe(12 * 3_600_000);
    for (const [ttl, code] of [
      ['5s', 'message-invalid'],
      ['31d', 'message-invalid'],
      ['soon', 'input-invalid'],
    ] as const) {
      const run = await cli(['send', 'bob', 'handoff', 'hello', '--ttl', ttl, '--json']);
      expect([run.exitCode, errorOf(run.stderr).code], ttl).toEqual([2, code]);
    }
    expect(stack.store.outbox.list(9)).toHaveLength(1);
  });

  it('tries at once what waits: for all, for one peer, or for that of one message', async () => {
    const { stack, cli } = await withBob();
    stack.addPeer('carol');
    expect(await cli(['messages', 'retry'])).toMatchObject({ exitCode: 0, stderr: 'Nothing waits.\n' });
    await cli(['send', 'bob', 'handoff', 'hello']);
    await cli(['send', 'carol', 'handoff', 'hello']);
    const [toCarol] = stack.store.outbox.list(1);
    const run = await cli(['messages', 'retry']);
    expect(run).toMatchObject({ exitCode: 0, stderr: 'Trying now what waits for: bob, carol\n' });
    expect(json((await cli(['messages', 'retry', '--peer', 'bob', '--json'])).stdout)).toEqual({
      peers: ['bob'],
    });
    expect((await cli(['messages', 'retry', toCarol?.id ?? ''])).exitCode).toBe(0);
    expect(stack.retried).toEqual(['bob', 'carol', 'bob', 'carol']);

    expect((await cli(['messages', 'retry', '--peer', 'dora'])).exitCode).toBe(4);
    expect((await cli(['messages', 'retry', 'no-such-id'])).exitCode).toBe(4);
    expect((await cli(['messages', 'retry', 'some-id', '--peer', 'bob'])).exitCode).toBe(2);
    stack.happen(toCarol?.id ?? '', { kind: 'expired' });
    const over = await cli(['messages', 'retry', toCarol?.id ?? '', '--json']);
    expect([over.exitCode, errorOf(over.stderr).code]).toEqual([3, 'message-not-waiting']);
  });

  it('takes one back, here or at the peer, or says why not', async () => {
    const { stack, cli } = await withBob();
    const sent = async () => {
      await cli(['send', 'bob', 'handoff', 'hello']);
      return stack.store.outbox.list(1)[0]?.id ?? '';
    };
    const here = await sent();
    const run = await cli(['messages', 'cancel', here]);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain(`${here} is cancelled: it was cancelled here before it was handed over`);

    const there = await sent();
    stack.happen(there, { kind: 'receipt', taskId: 't-1' });
    stack.peerSays.cancel = { kind: 'refused', reason: 'task-not-cancelable' };
    const no = await cli(['messages', 'cancel', there, '--json']);
    expect([no.exitCode, errorOf(no.stderr)]).toMatchObject([
      3,
      { code: 'message-not-cancelled', message: '"bob" did not take it back: task-not-cancelable' },
    ]);
    stack.peerSays.cancel = { kind: 'cancelled' };
    expect(json((await cli(['messages', 'cancel', there, '--json'])).stdout)).toMatchObject({
      state: 'cancelled',
    });
    expect((await cli(['messages', 'show', there, '--wait', '1'])).stderr).toContain('was taken back');
  });

  it('waits for one that was sent before', async () => {
    const { stack, cli } = await withBob();
    await cli(['send', 'bob', 'handoff', 'hello']);
    const id = await whenSent(stack);
    const run = cli(['messages', 'show', id, '--wait', '30']);
    setTimeout(() => stack.happen(id, { kind: 'replied', taskId: 't1', reply: 'late' }), 400);
    expect(await run).toMatchObject({ exitCode: 0, stdout: 'late\n' });
  });

  it('tells what was erased from what is empty', async () => {
    const { stack, cli } = await withBob();
    await cli(['send', 'bob', 'handoff', 'hello']);
    const id = await whenSent(stack);
    stack.happen(id, { kind: 'replied', taskId: 't1', reply: 'hello yourself' });
    stack.store.retention.erase(Date.now(), Date.UTC(2026, 0, 31), 10);
    expect((await cli(['messages'])).stdout).toMatch(new RegExp(`answered +${id} +\\(erased\\)`));
    expect((await cli(['messages', 'show', id])).stdout).toMatch(/erased +2026-01-31T00:00:00.000Z/);
    const waited = await cli(['messages', 'show', id, '--wait']);
    expect([waited.stdout, waited.stderr]).toEqual(['', expect.stringContaining('The reply was erased')]);
  });

  it('says that there is none with an id, whatever characters it has', async () => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli(['messages', 'show', '../peers', '--json']);
    expect([exitCode, errorOf(stderr).code]).toEqual([4, 'message-not-found']);
  });
});

describe('a name or an id that is empty, as a variable that nobody has set', () => {
  it.each([
    [['peers', 'show', '']],
    [['messages', 'show', '']],
    [['grants', 'list', '']],
    [['held', 'approve', '']],
  ])('is said to be that: %j', async (args) => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli([...args, '--json']);
    expect([exitCode, errorOf(stderr)]).toEqual([
      2,
      { code: 'input-invalid', message: 'a name or an id is empty', fix: 'Say which one is meant' },
    ]);
  });
});

describe('a number that is none', () => {
  it.each([
    [['messages', '--limit', '0'], "--limit <n>' argument '0' is invalid. Use a whole number from 1 to 200"],
    [['peers', 'reply-mode', 'bob', 'send-back', '--port', 'abc'], '--port: "abc" is no port'],
    [['peers', 'reply-mode', 'bob', 'send-back', '--port', '70000'], 'that is no port'],
  ])('is refused in plain words: %j', async (args, words) => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli([...args, '--json']);
    expect([exitCode, errorOf(stderr).message]).toEqual([2, expect.stringContaining(words)]);
    expect(errorOf(stderr).message).not.toMatch(/[. ]$/);
  });
});

describe('peers and aliases', () => {
  it('adds a peer: the token alone on stdout, the explanation on stderr', async () => {
    const { cli } = await withBob();
    const { exitCode, stdout, stderr } = await cli(['peers', 'add', 'carol', '--node', '100.64.0.3']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^apt_[\w-]{43}\n$/)]);
    expect(stderr).toMatch(/carol is now a peer: node ncarol of ncarol@example.com/);
    expect((await cli(['peers', 'list'])).stdout).toMatch(
      /carol +active +ncarol +ncarol@example.com +missing/,
    );
  });

  it.each(['stdin', 'file'])('stores the token of a peer from %s and prints it nowhere', async (way) => {
    const { stack, cli, dataDir } = await withBob();
    const token = `apt_${way.padEnd(43, 'k')}`;
    const file = join(dataDir, 'token-of-bob');
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    const run = await (way === 'stdin'
      ? cli(['peers', 'token', 'bob'], `${token}\n`)
      : cli(['peers', 'token', 'bob', '--file', file]));
    expect(run.exitCode).toBe(0);
    expect(run.stdout + run.stderr + stack.log.text()).not.toContain(token);
    expect(stack.store.peers.outboundToken('bob' as never)).toBe(token);
  });

  it('refuses a token file that everybody can read', async () => {
    const { cli, dataDir } = await withBob();
    const file = join(dataDir, 'token-of-bob');
    writeFileSync(file, `apt_${'k'.repeat(43)}`);
    chmodSync(file, 0o644);
    const { exitCode, stderr } = await cli(['peers', 'token', 'bob', '--file', file]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`chmod o-rwx ${file}`) as string]);
  });

  it('says that no token was given', async () => {
    const { cli } = await withBob();
    expect(await cli(['peers', 'token', 'bob'], '\n')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no token was given') as string,
    });
  });

  it('offers a session under an alias', async () => {
    const { cli } = await withBob();
    const added = await cli(['aliases', 'add', 'bob', 'handoff', 'agent:main:peer-bob', '--json']);
    const grant = {
      peer: 'bob',
      alias: 'handoff',
      sessionKey: 'agent:main:peer-bob',
      operations: ['message-send', 'task-read', 'task-cancel'],
      sendsPerMinute: null,
      hold: 'none',
      expiresAt: null,
    };
    expect([added.exitCode, json(added.stdout)]).toEqual([0, { grant, warnings: [] }]);
    expect(json((await cli(['aliases', 'list', 'bob', '--json'])).stdout)).toEqual({ grants: [grant] });
    const main = await cli(['aliases', 'add', 'bob', 'main', 'agent:main:main']);
    expect([main.exitCode, main.stderr]).toEqual([0, expect.stringMatching(/^warning: /m)]);
  });
});

describe('aliases add, with less than everything', () => {
  const NIGHTLY = ['aliases', 'add', 'bob', 'nightly', 'agent:main:cron:nightly'];

  it.each(['task-read,message-send', 'message-send task-read', 'message-send, task-read'])(
    'takes operations, a limit, an end and a special session: --operations %j',
    async (operations) => {
      const { cli } = await withBob();
      const limits = ['--operations', operations, '--sends-per-minute', '2', '--expires', '7d', '--special'];
      const added = await cli([...NIGHTLY, ...limits]);
      expect(added).toMatchObject({
        exitCode: 0,
        stdout: '',
        stderr: expect.stringMatching(
          /^bob may now write to agent:main:cron:nightly as "nightly", until 2\d{3}-[\dT:.-]+Z\.\nwarning: agent:main:cron:nightly belongs to a scheduled job\n$/,
        ) as string,
      });
      expect((await cli(['aliases', 'list'])).stdout).toMatch(
        /^bob +nightly +agent:main:cron:nightly +message-send,task-read +2 +none +2\d{3}-[\dT:.-]+Z$/m,
      );
    },
  );

  it('shows a grant of everything without an end as such', async () => {
    const { cli } = await withBob();
    await cli(['aliases', 'add', 'bob', 'handoff', 'agent:main:peer-bob']);
    const { stdout } = await cli(['aliases', 'list']);
    expect(stdout).toMatch(/^PEER +ALIAS +SESSION +OPERATIONS +SENDS\/MIN +HOLD +EXPIRES$/m);
    expect(stdout).toMatch(/ message-send,task-read,task-cancel +- +none +never$/m);
  });

  it('does not say that a peer may write where it may not', async () => {
    const { cli } = await withBob();
    const reading = ['--operations', 'task-read'];
    const { stderr } = await cli(['aliases', 'add', 'bob', 'old', 'agent:main:old', ...reading]);
    expect(stderr).toBe('bob may now do this with "old", and not write to it: task-read.\n');
  });

  it.each([
    [['--expires', '7'], 'expiresIn: is not a duration. Use a number and one of s, m, h, d, w'],
    [['--operations', ''], 'operations: a grant of none allows nothing'],
    [['--operations', 'message-send,message-send'], 'operations: one is named twice'],
    [['--operations', 'message-submit'], 'operations: "message-submit" cannot be granted'],
    [['--sends-per-minute', '0'], 'Use a whole number from 1 to 1000'],
    [['--sends-per-minute', '1e3'], 'Use a whole number from 1 to 1000'],
    [['--hold', 'perhaps'], 'hold: "perhaps" is none. Choose from none, inbound, outbound, both'],
  ])('refuses %j', async (options, what) => {
    const { cli } = await withBob();
    const added = await cli(['aliases', 'add', 'bob', 'handoff', 'agent:main:x', ...options]);
    expect([added.exitCode, added.stderr]).toEqual([2, expect.stringContaining(what) as string]);
    expect((await cli(['aliases', 'list'])).stderr).toContain('No aliases yet');
  });

  it('refuses a special session without the word for it, and names that word', async () => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli(NIGHTLY);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('say --special') as string]);
  });
});

describe('explain', () => {
  it('ends with 0 and one sentence for what is allowed', async () => {
    const { cli } = await withBob();
    await cli(['aliases', 'add', 'bob', 'handoff', 'agent:main:peer-bob']);
    expect(await cli(['explain', 'bob', 'message-send', 'handoff'])).toEqual({
      exitCode: 0,
      stdout: 'Allowed: bob may write to "handoff", which is agent:main:peer-bob.\n',
      stderr: '',
    });
    const { exitCode, stdout } = await cli(['explain', 'bob', 'message-submit', 'handoff', '--json']);
    expect([exitCode, json(stdout)]).toEqual([
      0,
      {
        allowed: true,
        reason: null,
        sentence: 'Allowed: agents of this machine may write to bob.',
        grant: { peer: 'bob', alias: 'any', hold: 'none', replySession: null, expiresAt: null },
      },
    ]);
  });

  it('ends with 3 and one sentence for what is refused, which is no error', async () => {
    const { cli } = await withBob();
    const sentence = 'Refused: there is no grant between bob and this stack for that alias.';
    const question = ['explain', 'bob', 'message-send', 'x&alias=handoff'];
    expect(await cli(question)).toEqual({ exitCode: 3, stdout: `${sentence}\n`, stderr: '' });
    const { exitCode, stdout, stderr } = await cli([...question, '--json']);
    expect([exitCode, json(stdout), stderr]).toEqual([
      3,
      { allowed: false, reason: 'alias-not-granted', sentence, grant: null },
      '',
    ]);
  });

  it.each([
    [['explain', 'nobody', 'message-send', 'handoff'], 4, 'no peer is called "nobody"'],
    [['explain', 'bob', 'write', 'handoff'], 2, 'Choose from liveness-read, health-read'],
    [['explain', 'bob'], 2, "missing required argument 'operation'"],
  ])('%j cannot be answered', async (args, code, what) => {
    const { cli } = await withBob();
    const { exitCode, stdout, stderr } = await cli(args);
    expect([exitCode, stdout, stderr]).toEqual([code, '', expect.stringContaining(what) as string]);
  });
});

describe('pause', () => {
  it('stops everything, is shown, keeps what is sent from going, and ends with resume', async () => {
    const { cli } = await withBob();
    expect((await cli(['status'])).stdout).not.toMatch(/^paused/m);
    const paused = await cli(['pause']);
    expect([paused.exitCode, paused.stdout]).toEqual([0, '']);
    expect(paused.stderr).toMatch(
      /^Everything is paused, also after a restart\..*\nTo go on: agent-peer resume\n$/,
    );
    expect((await cli(['status'])).stdout).toMatch(/^paused +everything: .*agent-peer resume$/m);
    const sent = await cli(['send', 'bob', 'handoff', 'hello', '--json']);
    expect([sent.exitCode, errorOf(sent.stderr).code]).toEqual([3, 'stack-paused']);
    expect(await cli(['explain', 'bob', 'message-send', 'handoff'])).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('this stack is paused') as string,
    });
    const resumed = await cli(['resume']);
    expect([resumed.exitCode, resumed.stderr]).toEqual([0, 'The stack goes on.\n']);
    expect((await cli(['status'])).stdout).not.toMatch(/^paused/m);
    expect((await cli(['send', 'bob', 'handoff', 'hello'])).exitCode).toBe(0);
  });

  it('stops one peer, and says what is still paused', async () => {
    const { cli } = await withBob();
    const paused = await cli(['pause', 'bob', '--json']);
    expect(json(paused.stdout)).toEqual({ paused: false, pausedPeers: ['bob'], turnsStopped: 0 });
    expect((await cli(['status'])).stdout).toMatch(/bob: paused/);
    await cli(['pause']);
    expect((await cli(['resume'])).stderr).toContain('bob is still paused: agent-peer resume bob');
    await cli(['pause']);
    expect((await cli(['resume', 'bob'])).stderr).toBe(
      'bob may go on.\nEverything is still paused: agent-peer resume\n',
    );
    const unknown = await cli(['pause', 'nobody', '--json']);
    expect([unknown.exitCode, errorOf(unknown.stderr).code]).toEqual([4, 'peer-not-found']);
  });
});

describe('clock', () => {
  it('is shown while it is behind, keeps everything shut, and is accepted', async () => {
    const { stack, cli } = await withBob();
    expect((await cli(['status'])).stdout).not.toMatch(/^clock/m);
    stack.clock.aheadMs = 3_600_000;
    await cli(['status']);
    stack.clock.aheadMs = 0;
    expect((await cli(['status'])).stdout).toMatch(/^clock +behind .*agent-peer clock accept$/m);
    expect(await cli(['explain', 'bob', 'liveness-read'])).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining("this machine's clock is behind") as string,
    });
    const sent = await cli(['send', 'bob', 'handoff', 'hello', '--json']);
    expect([sent.exitCode, errorOf(sent.stderr).code]).toEqual([5, 'clock-behind']);
    expect(await cli(['clock', 'accept', '--json'])).toMatchObject({
      exitCode: 0,
      stdout: '{\n  "clock": "ok"\n}\n',
    });
    expect((await cli(['send', 'bob', 'handoff', 'hello'])).exitCode).toBe(0);
    expect((await cli(['status'])).stdout).not.toMatch(/^clock/m);
  });

  it('is not known while the policy cannot be read', async () => {
    const { stack, cli } = await withBob();
    stack.store.peers.putGrant(sampleOutboundGrant({ hold: 'perhaps' as never }));
    expect((await cli(['status'])).stdout).toMatch(
      /^clock +not known, .*the policy is unreadable: .*backup/m,
    );
    expect((await cli(['explain', 'bob', 'message-send', 'handoff'])).exitCode).toBe(5);
  });
});

it('ends with 3 when agents here may not write to the peer, and says why', async () => {
  const { stack, cli } = await withBob();
  stack.store.peers.putGrant(sampleOutboundGrant({ expiresAt: 1 }));
  const { exitCode, stderr } = await cli(['send', 'bob', 'handoff', 'hello', '--json']);
  expect([exitCode, errorOf(stderr).code]).toEqual([3, 'not-granted']);
  expect(errorOf(stderr)).toMatchObject({
    message: 'the grant to write to "handoff" of "bob" has expired',
    fix: expect.stringContaining('agent-peer explain bob message-submit handoff') as string,
  });
});

describe('gateway pair', () => {
  it('ends with 6 and the one command to run while approval is missing', async () => {
    const { stack, cli } = await withBob();
    stack.gateway.pair = { kind: 'approval-needed', requestId: 'req-1', deviceId: 'dev-1' };
    const { exitCode, stdout, stderr } = await cli(['gateway', 'pair', '--json'], 'shared-token\n');
    expect([exitCode, json(stdout)]).toEqual([
      6,
      {
        step: 'approval-needed',
        requestId: 'req-1',
        deviceId: 'dev-1',
        command: 'openclaw devices approve req-1',
      },
    ]);
    expect(errorOf(stderr).code).toBe('gateway-not-approved');
    expect(stack.gateway.presented).toEqual(['shared-token']);
  });

  it('says what was paired', async () => {
    const { stack, cli } = await withBob();
    stack.gateway.pair = {
      kind: 'paired',
      scopes: ['operator.read', 'operator.write'],
      excess: [],
      approvedSilently: false,
    };
    expect(await cli(['gateway', 'pair'], 'shared-token')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'Paired, with operator.read, operator.write.\n',
    });
  });

  it('warns when nobody was asked, and when more was given than was asked for', async () => {
    const { stack, cli } = await withBob();
    const scopes = ['operator.read', 'operator.write', 'operator.admin'];
    stack.gateway.pair = { kind: 'paired', scopes, excess: ['operator.admin'], approvedSilently: true };
    const { exitCode, stderr } = await cli(['gateway', 'pair'], 'shared-token');
    expect([exitCode, stderr.trim().split('\n')]).toEqual([
      0,
      [
        'Paired, with operator.read, operator.write, operator.admin.',
        expect.stringMatching(/^warning: .*without asking anybody.*autoApproveLocal/),
        expect.stringMatching(/^warning: .*more than it asked for: operator\.admin\..*gateway unpair/),
      ],
    ]);
  });

  it('passes on why it did not work', async () => {
    const { stack, cli } = await withBob();
    stack.gateway.pair = new AgentPeerError(
      'gateway-unreachable',
      'nothing listens on 127.0.0.1:18789',
      'Start the gateway',
    );
    const { exitCode, stderr } = await cli(['gateway', 'pair'], 'shared-token');
    expect([exitCode, stderr]).toEqual([
      5,
      'error gateway-unreachable: nothing listens on 127.0.0.1:18789. Start the gateway\n',
    ]);
  });
});

describe('gateway unpair', () => {
  const QUESTION = 'Forget this stack’s device key and token? Messages are kept';

  async function withDevice() {
    const all = await withBob();
    all.stack.gateway.deviceId = 'dev-1';
    all.stack.gateway.state = { kind: 'ready', version: '2026.9.6', scopes: [] };
    return all;
  }

  it.each([
    ['--yes', ['--yes'], {}],
    ['a yes on the terminal', [], { stdin: 'y\n', terminal: { echo: true } }],
  ])(
    'forgets after %s, and prints the command that is left to run on the gateway',
    async (_, more, input) => {
      const { stack, env } = await withDevice();
      const run = await runCli(['gateway', 'unpair', ...more], { env, ...input });
      expect([run.exitCode, run.stdout]).toEqual([0, 'openclaw devices remove dev-1\n']);
      expect(run.stderr).toContain('The gateway keeps its record of the device');
      expect(stack.gateway.state.kind).toBe('unpaired');
    },
  );

  it.each([
    ['anything else on the terminal', { stdin: 'yesterday\n', terminal: { echo: true } }, 'cancelled'],
    ['the end of the input', { stdin: '', terminal: { echo: true } }, 'cancelled'],
    ['no terminal', { stdin: 'y\n' }, 'Say --yes'],
  ])('forgets nothing after %s', async (_what, input, line) => {
    const { stack, env } = await withDevice();
    const run = await runCli(['gateway', 'unpair'], { env, ...input });
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(line) as string]);
    if ('terminal' in input) expect(run.stderr).toContain(QUESTION);
    expect(stack.gateway.state.kind).toBe('ready');
  });

  it('says that there was nothing to forget', async () => {
    const { cli } = await withBob();
    expect(await cli(['gateway', 'unpair', '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('was not paired') as string,
    });
    expect(json((await cli(['gateway', 'unpair', '--yes', '--json'])).stdout)).toEqual({
      deviceId: null,
      command: null,
    });
  });
});

describe('sessions', () => {
  it('lists those of the gateway, what can be offered of them, and who has it', async () => {
    const { stack, cli } = await withBob();
    await cli(['aliases', 'add', 'bob', 'handoff', 'agent:main:peer-bob']);
    stack.gateway.sessions = {
      sessions: [
        { sessionKey: 'agent:main:peer-bob', agentId: 'main', usedAt: 1_800_000_000_000 },
        { sessionKey: 'global', agentId: null, usedAt: null },
      ],
      total: 3,
    };
    const { exitCode, stdout, stderr } = await cli(['sessions']);
    expect([exitCode, stderr]).toEqual([0, 'The 2 that were used last, of 3.\n']);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^SESSION +AGENT +KIND +OFFER +LAST USED +OFFERED TO$/),
      expect.stringMatching(
        /^agent:main:peer-bob +main +plain +yes +2027-01-15T08:00:00\.000Z +bob as "handoff"$/,
      ),
      expect.stringMatching(/^global +- +global +no +-$/),
      '',
    ]);
    expect(json((await cli(['sessions', '--json'])).stdout)).toMatchObject({ total: 3 });
  });

  it('says that there are none yet, and why they cannot be listed', async () => {
    const { stack, cli } = await withBob();
    stack.gateway.sessions = { sessions: [], total: 0 };
    expect(await cli(['sessions'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('no sessions yet') as string,
    });
    stack.gateway.sessions = new AgentPeerError('gateway-not-approved', 'not paired', 'Pair it');
    expect(await cli(['sessions'])).toMatchObject({
      exitCode: 6,
      stderr: 'error gateway-not-approved: not paired. Pair it\n',
    });
  });
});

describe('status and health', () => {
  it('shows how everything is', async () => {
    const { stack, cli } = await withBob();
    stack.gateway.state = { kind: 'ready', version: '2026.9.6', scopes: ['operator.read', 'operator.write'] };
    const { exitCode, stdout } = await cli(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/node +nalice\.lab\.internal 100\.64\.0\.1, node id nalice/);
    expect(stdout).toMatch(/gateway +ready, OpenClaw 2026\.9\.6/);
    expect(stdout).toMatch(/peers +bob: active, online/);
    expect(json((await cli(['status', '--json'])).stdout)).toMatchObject({
      version: '9.9.9',
      node: { nodeId: 'nalice' },
    });
  });

  it('shows what needs the owner, and notices also what did', async () => {
    const { stack, cli } = await withBob();
    expect(await cli(['notices'])).toEqual({ exitCode: 0, stdout: '', stderr: 'Nothing needs you.\n' });
    expect((await cli(['status'])).stdout).not.toContain('notices');
    const { notices } = stack.store;
    notices.raise({ kind: 'expired', subject: 'bob', peer: BOB, text: 'bob: gone' }, 0);
    notices.over('expired', 'bob', 1000);
    notices.raise({ kind: 'hold', subject: 'bob', peer: BOB, text: 'bob: look' }, 2000);
    notices.raise({ kind: 'gateway-away', subject: 'gateway', peer: null, text: 'The gateway' }, 3000);
    expect((await cli(['status'])).stdout).toMatch(/^notices {2}bob: look\n {9}The gateway$/m);
    const { stdout, stderr } = await cli(['notices']);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['SINCE', 'KIND', 'OVER', 'TEXT'],
      ['1970-01-01T00:00:02.000Z', 'hold', 'no', 'bob: look'],
      ['1970-01-01T00:00:03.000Z', 'gateway-away', 'no', 'The gateway'],
      ['1970-01-01T00:00:00.000Z', 'expired', '1970-01-01T00:00:01.000Z', 'bob: gone'],
      [''],
    ]);
    expect(stderr).toBe('');
    const { stdout: machine } = await cli(['notices', '--limit', '1', '--json']);
    expect(json(machine)).toMatchObject({ open: [{ kind: 'hold' }, { kind: 'gateway-away' }], over: [] });
  });

  it('shows how much waits for a peer, and why', async () => {
    const { stack, cli } = await withBob();
    for (const text of ['one', 'two']) await cli(['send', 'bob', 'handoff', text]);
    const [last] = stack.store.outbox.list(1);
    expect((await cli(['status'])).stdout).toMatch(/bob: active, online, 2 waiting$/m);
    stack.happen(last?.id ?? '', { kind: 'not-delivered', detail: 'peer-node-changed: it is another node' });
    expect((await cli(['status'])).stdout).toContain('2 waiting (peer-node-changed: it is another node)');
  });

  it('is healthy with a gateway that is not paired yet, and not without its tailnet', async () => {
    const { stack, cli } = await withBob();
    expect(await cli(['health'])).toEqual({ exitCode: 0, stdout: 'ok, gateway unpaired\n', stderr: '' });
    stack.tailnet.down = true;
    expect(await cli(['health'])).toMatchObject({ exitCode: 5, stdout: '' });
  });
});

describe('when something is wrong with the call', () => {
  it.each([
    ['an unknown command', ['frobnicate'], 2, 'input-invalid'],
    ['no command', [], 2, 'input-invalid'],
    ['a missing argument', ['send', 'bob'], 2, 'input-invalid'],
    ['an unknown option', ['status', '--verbose'], 2, 'input-invalid'],
    ['a missing option', ['peers', 'add', 'carol'], 2, 'input-invalid'],
    ['too many arguments', ['status', 'now'], 2, 'input-invalid'],
  ])('%s', async (_what, args, code, error) => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect([exitCode, stdout, stderr]).toEqual([
      code,
      '',
      expect.stringMatching(new RegExp(`^error ${error}: .+\n$`)),
    ]);
  });

  it('takes no secret by argument: there is no such option', async () => {
    for (const args of [
      ['peers', 'token', 'bob', 'apt_x'],
      ['gateway', 'pair', '--token', 'x'],
      ['gateway', 'pair', 'x'],
    ]) {
      expect((await runCli(args)).exitCode, args.join(' ')).toBe(2);
    }
  });

  it('says that the proxy does not run', async () => {
    const { env, stack } = await withBob();
    await stack.close(0);
    const { exitCode, stderr } = await runCli(['status', '--json'], { env });
    expect([exitCode, errorOf(stderr).code]).toEqual([5, 'local-api-unreachable']);
    expect((await runCli(['health'], { env })).exitCode).toBe(5);
  });

  it('says that there is no owner token yet, or another one', async () => {
    const { env, dataDir } = await withBob();
    const missing = await runCli(['status', '--json'], { env: { ...env, AGENT_PEER_DATA_DIR: '/nowhere' } });
    expect([missing.exitCode, errorOf(missing.stderr).code]).toEqual([3, 'local-token-refused']);
    writeFileSync(join(dataDir, 'owner-token'), `apo_${'w'.repeat(43)}`);
    const wrong = await runCli(['status', '--json'], { env });
    expect([wrong.exitCode, errorOf(wrong.stderr).code]).toEqual([3, 'local-token-refused']);
  });

  it('names every variable that is wrong', async () => {
    const { exitCode, stderr } = await runCli(['status'], {
      env: { AGENT_PEER_LOCAL_PORT: 'http', AGENT_PEER_DATADIR: '/x' },
    });
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/AGENT_PEER_DATADIR.*AGENT_PEER_DATA_DIR.*AGENT_PEER_LOCAL_PORT/s);
  });
});

describe('on a terminal', () => {
  it('asks for a token unseen, and takes back what is deleted', async () => {
    const { stack, env } = await withBob();
    const token = `apt_${'t'.repeat(43)}`;
    const terminal = { echo: true };
    const run = await runCli(['peers', 'token', 'bob'], { env, stdin: `${token}x\u007f\r`, terminal });
    expect([run.exitCode, run.stderr.split('\n')[0]]).toEqual([0, "Token that bob's owner gave you: "]);
    expect(run.stdout + run.stderr).not.toContain('ttt');
    expect(terminal.echo).toBe(true);
    expect(stack.store.peers.outboundToken('bob' as never)).toBe(token);
  });

  it.each([
    ['Ctrl-C', 'apt_half\u0003'],
    ['the end of the input', 'apt_half'],
  ])('gives up a token at %s, and changes nothing', async (_what, stdin) => {
    const { env } = await withBob();
    const terminal = { echo: true };
    const run = await runCli(['peers', 'token', 'bob'], { env, stdin, terminal });
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('cancelled') as string]);
    expect(terminal.echo).toBe(true);
  });

  it("shows none of the control characters in a peer's words; a pipe gets them as they came", async () => {
    const { stack, env } = await withBob();
    const reply = 'clear \u001b[2J title \u001b]0;x\u0007 turned \u202eround\nnext\tline';
    const [onTerminal, piped] = [{ env, terminal: { echo: true } }, { env }];
    await runCli(['send', 'bob', 'handoff', 'hello'], { env });
    const id = await whenSent(stack);
    stack.happen(id, { kind: 'replied', taskId: 't1', reply });
    const shown = await runCli(['messages', 'show', id, '--wait'], onTerminal);
    expect(shown.stdout).toBe('clear \ufffd[2J title \ufffd]0;x\ufffd turned \ufffdround\nnext\tline\n');
    expect((await runCli(['messages', 'show', id, '--wait'], piped)).stdout).toBe(`${reply}\n`);
  });
});

describe('as a process of its own', () => {
  it('sends what is piped to it and prints the reply', async () => {
    const { stack, env } = await withBob();
    const run = spawnCli(['send', 'bob', 'handoff', '--wait', '30'], { env, stdin: 'piped\n' });
    stack.happen(await whenSent(stack), { kind: 'replied', taskId: 't1', reply: 'got it' });
    expect(await run).toEqual({ exitCode: 0, stdout: 'got it\n', stderr: '' });
    expect(stack.store.outbox.list(1)[0]?.text).toBe('piped\n');
  });

  it('ends with the exit code of the error', async () => {
    const { env } = await withBob();
    const { exitCode, stderr } = await spawnCli(['send', 'nobody', 'handoff', 'hi', '--json'], { env });
    expect([exitCode, errorOf(stderr).code]).toEqual([4, 'peer-not-found']);
  });

  it('is the health check of the image', async () => {
    const { stack, env } = await withBob();
    expect(await spawnCli(['health'], { env })).toEqual({
      exitCode: 0,
      stdout: 'ok, gateway unpaired\n',
      stderr: '',
    });
    await stack.close(0);
    expect(await spawnCli(['health'], { env })).toMatchObject({ exitCode: 5, stdout: '' });
  });
});

it('shows help with exit 0', async () => {
  const { exitCode, stdout } = await runCli(['send', '--help']);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('--conversation <id>') as string]);
});
