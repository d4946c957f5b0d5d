/**
 * What all commands of `agent-peer` have in common.
 *
 * Each takes --json and --quiet; quiet prints the result itself and no word more. Colours, cut tables and a line that says what
 * is waited for are for a person at a terminal: a file or a pipe gets everything, plain. `tail` follows messages in both
 * directions as they come, goes on where it was when the proxy was away, and ends at Ctrl-C as a command that did its work.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OWNER, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { helpOfVerbs } from '../harness/cli-help.ts';
import { runCli, startCli, type CliInput } from '../harness/run-cli.ts';
import { sampleInbound } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const TERM = 'xterm-256color';
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function environment(port: number) {
  const dataDir = tempFolder();
  writeFileSync(join(dataDir, 'owner-token'), `${OWNER}\n`, { mode: 0o600 });
  return { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(port) };
}

async function withMessages() {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  const env = environment(stack.port);
  const cli = (args: readonly string[], more: CliInput = {}) =>
    runCli(args, { ...more, env: { ...env, ...more.env } });
  const sent = await cli([
    'send',
    'bob',
    'inbox',
    'a text that is a good deal longer than a narrow terminal',
  ]);
  return { stack, env, cli, id: sent.stdout.trim() };
}

describe('every command', () => {
  /** Stdout is not its own. */
  const OF_PROTOCOL = 'mcp';

  it('takes --json and --quiet', async () => {
    const all = await helpOfVerbs();
    expect(all.length).toBeGreaterThan(40);
    const without = all.filter(({ options }) => !['--json', '--quiet'].every((one) => options.includes(one)));
    expect(without.map(({ name }) => name)).toEqual([OF_PROTOCOL]);
  });
});

describe('--quiet', () => {
  it('prints the id of what was sent, and no advice', async () => {
    const { cli } = await withMessages();
    const { stdout, stderr } = await cli(['send', 'bob', 'inbox', 'hello', '--quiet']);
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(stderr).toBe('');
  });

  it('prints of a list what a script goes on with', async () => {
    const { cli, id } = await withMessages();
    expect((await cli(['messages', '--quiet'])).stdout).toBe(`${id}\n`);
    expect((await cli(['peers', 'list', '--quiet'])).stdout).toBe('bob\n');
  });

  it('prints nothing where there is nothing but a word for a person', async () => {
    const { cli } = await withMessages();
    for (const args of [
      ['aliases', 'add', 'bob', 'handoff', 'agent:main:main'],
      ['grants', 'add', 'bob', 'review', '--outbound', '--hold', 'both'],
      ['aliases', 'remove', 'bob', 'handoff'],
      ['peers', 'rename', 'bob', 'bobby'],
      ['pause'],
      ['resume'],
      ['peers', 'revoke', 'bobby', '--yes'],
    ]) {
      const { exitCode, stdout, stderr } = await cli([...args, '--quiet']);
      expect([args, exitCode, stdout, stderr]).toEqual([args, 0, '', '']);
    }
  });

  it('still says what went wrong', async () => {
    const { cli } = await withMessages();
    const { exitCode, stderr } = await cli(['peers', 'show', 'nobody', '--quiet']);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('peer-not-found')]);
  });
});

describe('a table', () => {
  const terminal = (columns: number) => ({ terminal: { echo: true, columns } });

  it('fits the terminal, and its widest cells give way', async () => {
    const { cli } = await withMessages();
    const { stdout } = await cli(['messages'], terminal(80));
    for (const line of stdout.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toContain('…');
    expect(stdout).toMatch(/bob +inbox +queued/);
  });

  it('fits also with what a terminal draws two columns wide, and cuts no character in two', async () => {
    const { cli } = await withMessages();
    for (const text of [
      '明日の朝までに確認してください。'.repeat(3),
      '✅🙂'.repeat(30),
      'e\u0301'.repeat(60),
    ])
      await cli(['send', 'bob', 'inbox', text]);
    for (const columns of [80, 81, 120]) {
      const { stdout } = await cli(['messages'], terminal(columns));
      const lines = stdout.trimEnd().split('\n');
      const count = (line: string, pattern: RegExp) => [...line.matchAll(pattern)].length;
      const drawn = (line: string) =>
        count(line, /./gu) + count(line, /[\u3000-\u9fff✅🙂]/gu) - count(line, /\u0301/g);
      for (const line of lines) expect(drawn(line), line).toBeLessThanOrEqual(columns);
      expect(stdout).toMatch(/明日/);
      expect(stdout).not.toContain('\ufffd');
    }
  });

  it('is whole where there is room, and always in a pipe', async () => {
    const { cli, id } = await withMessages();
    for (const input of [terminal(300), { env: { COLUMNS: '40' } }]) {
      const { stdout } = await cli(['messages'], input);
      expect(stdout).toContain(id);
      expect(stdout).not.toContain('…');
    }
  });
});

describe('colours', () => {
  const ESCAPE = '\u001b[';
  const atTerminal = { terminal: { echo: true }, env: { TERM } };

  it('are for a terminal', async () => {
    const { cli } = await withMessages();
    expect((await cli(['peers', 'list'], atTerminal)).stdout).toContain(`${ESCAPE}32mactive`);
    expect((await cli(['peers', 'show', 'nobody'], atTerminal)).stderr).toContain(`${ESCAPE}31merror`);
  });

  it.each<[string, readonly string[], CliInput]>([
    ['to a pipe', ['peers', 'list'], { env: { TERM } }],
    ['with --json', ['peers', 'list', '--json'], atTerminal],
    ['with NO_COLOR', ['peers', 'list'], { ...atTerminal, env: { TERM, NO_COLOR: '1' } }],
    ['on a dumb terminal', ['peers', 'list'], { ...atTerminal, env: { TERM: 'dumb' } }],
  ])('are not there %s', async (_what, args, input) => {
    const { cli } = await withMessages();
    const { stdout, stderr } = await cli(args, input);
    expect(stdout + stderr).not.toContain(ESCAPE);
  });
});

describe('waiting', () => {
  const wait = ['send', 'bob', 'inbox', 'hello', '--wait', '3'];

  it('says on a terminal for what, and how long', async () => {
    const { cli } = await withMessages();
    const { stderr } = await cli(wait, { terminal: { echo: true }, env: { TERM } });
    const seconds = [...stderr.matchAll(/waiting for bob's answer, (\d) s/g)].map(([, told]) => Number(told));
    expect(seconds.length).toBeGreaterThan(1);
    expect(seconds).toEqual([...seconds].sort());
    expect(seconds[0]).toBeGreaterThan(0);
  });

  it('says it of a restore too, which a large database makes long', async () => {
    const dataDir = tempFolder();
    const passphrase = join(dataDir, 'passphrase');
    writeFileSync(passphrase, 'five random words are good', { mode: 0o600 });
    const env = { AGENT_PEER_DATA_DIR: dataDir, TERM };
    const restore = startCli(['restore', '-', '--passphrase-file', passphrase, '--yes'], env);
    await restore.shown(/reading the backup, \d+ s/);
    restore.type('x'.repeat(100_000));
    expect((await restore.done).exitCode).toBe(2);
  });

  it('says nothing of it anywhere else', async () => {
    const { cli } = await withMessages();
    expect((await cli(wait)).stderr).not.toContain('waiting');
  });
});

describe('tail', () => {
  const inbound = (stack: LocalStack, id: string) =>
    stack.store.inbox.accept(sampleInbound(id, { createdAt: Date.now(), expiresAt: Date.now() + 60_000 }));

  it('shows what comes and how it goes on, in both directions, until Ctrl-C', async () => {
    const { stack, env, id } = await withMessages();
    const tail = startCli(['tail'], env);
    await tail.shown(/Following/);
    stack.happen(id, { kind: 'receipt', taskId: 'task-1' });
    await tail.shown(new RegExp(`to +bob +inbox +accepted +${id}`));
    inbound(stack, 'in-1');
    await tail.shown(/from +bob +handoff +accepted +in-1 +text of in-1/);
    stack.happen(id, { kind: 'replied', taskId: 'task-1', reply: 'all done' });
    await tail.shown(new RegExp(`answered +${id} +all done`));
    tail.interrupt();
    expect((await tail.done).exitCode).toBe(0);
  });

  it('tells nothing of before, and of one peer where that is asked', async () => {
    const { stack, env, id } = await withMessages();
    stack.addPeer('carol');
    const tail = startCli(['tail', '--peer', 'carol'], env);
    await tail.shown(/Following/);
    stack.happen(id, { kind: 'receipt', taskId: 'task-1' });
    await runCli(['send', 'carol', 'inbox', 'hello carol'], { env });
    await tail.shown(/hello carol/);
    tail.interrupt();
    expect((await tail.done).stdout).not.toContain('bob');
  });

  it('ends when nobody holds its input any more: in a container nothing else tells it', async () => {
    const { env } = await withMessages();
    const child = spawn(process.execPath, [MAIN, 'tail'], { env, stdio: ['pipe', 'ignore', 'pipe'] });
    await once(child.stderr, 'data');
    setTimeout(() => child.stdin.end(), 3_500);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    expect(exitCode).toBe(0);
  }, 20_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'without an input follows all the same, until it is told to end: %s',
    async (signal) => {
      const { env, stack, id } = await withMessages();
      const child = spawn(process.execPath, [MAIN, 'tail'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      await once(child.stderr, 'data');
      stack.happen(id, { kind: 'receipt', taskId: 'task-1' });
      expect(String((await once(child.stdout, 'data'))[0])).toContain('accepted');
      child.kill(signal);
      expect((await once(child, 'close'))[0]).toBe(0);
    },
    20_000,
  );

  it('does not wait for a peer that there is none of', async () => {
    const { cli } = await withMessages();
    const { exitCode, stderr } = await cli(['tail', '--peer', 'bbo']);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('no peer is called "bbo"')]);
  });

  it('prints one JSON document a line', async () => {
    const { env, id, stack } = await withMessages();
    const tail = startCli(['tail', '--json'], env);
    await tail.shown(/Following/);
    stack.happen(id, { kind: 'receipt', taskId: 'task-1' });
    await tail.shown(/accepted/);
    tail.interrupt();
    const lines = (await tail.done).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { direction: 'outbound', id, state: 'accepted' },
    ]);
  });

  it('goes on from its cursor when the proxy is back, and says so', async () => {
    const stands = await withMessages();
    const { port } = stands.stack;
    const tail = startCli(['tail'], stands.env);
    await tail.shown(/Following/);
    await stands.stack.close(0);
    await tail.shown(/does not answer; it is waited for/);
    const asked: string[] = [];
    const message = {
      direction: 'outbound',
      updatedAt: 'now',
      peer: 'bob',
      alias: 'inbox',
      state: 'queued',
      id: 'm',
    };
    const back = createServer((request, response) => {
      asked.push(request.url ?? '');
      const changes = [{ ...message, text: 'hello again', reply: null, reason: null, detail: null }];
      response.end(JSON.stringify({ changes, cursor: '9.9.9' }));
    });
    back.listen(port, '127.0.0.1');
    await once(back, 'listening');
    onTestFinished(() => void back.close());
    await tail.shown(/hello again/);
    tail.interrupt();
    expect((await tail.done).stderr).toContain('The proxy answers again');
    expect(asked[0]).toMatch(/^\/api\/v1\/changes\?since=\d+\.\d+\.\d+&/);
  });
});
