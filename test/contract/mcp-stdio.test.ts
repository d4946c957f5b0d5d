/**
 * `agent-peer mcp`, as a client on this machine starts it: the same tools over stdin and stdout of a process.
 *
 * Nothing but the protocol is on stdout. It ends with its client, whatever it waits for, and needs no proxy to begin. It
 * takes the agent's token, never the owner's, and tells the model when that is not taken.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AGENT, OWNER, startLocalStack } from '../harness/local-stack.ts';
import { connectMcp } from '../harness/mcp-client.ts';
import { spawnCli } from '../harness/run-cli.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HELLO = { peer: 'bob', text: 'hello bob', waitSeconds: 0 };

type Env = Readonly<Record<string, string>>;

function envOf(port: number, more: Env = {}): Record<string, string> {
  return { AGENT_PEER_DATA_DIR: tempFolder(), AGENT_PEER_LOCAL_PORT: String(port), ...more };
}

const connect = (env: Record<string, string>) =>
  connectMcp(new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env }));

async function withBob(needs: { agentNeedsToken: boolean }) {
  const stack = await startLocalStack(needs);
  stack.addPeer('bob');
  return stack;
}

/** A client that is no library: what it writes and reads are lines. */
function startProcess(env: Env): { child: ChildProcessWithoutNullStreams; lines: () => readonly string[] } {
  const child = spawn(process.execPath, [MAIN, 'mcp'], { env, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  return { child, lines: () => out.split('\n').filter((line) => line !== '') };
}

const line = (id: number, method: string, params: object) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const INITIALIZE = line(0, 'initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'lines', version: '1' },
});

describe('the tools over stdio', () => {
  it('send, wait and list, without a token where none is needed', async () => {
    const stack = await withBob({ agentNeedsToken: false });
    const { call, client } = await connect(envOf(stack.port));
    expect((await call('peer_list')).structured).toMatchObject({ peers: [{ peer: 'bob', canWrite: true }] });
    const { structured } = await call('peer_send', { ...HELLO, kind: 'insight', fields: { topic: 'x' } });
    expect(structured).toMatchObject({ state: 'queued', next: 'wait', warnings: [] });
    expect(stack.store.outbox.list(1)[0]?.content).toMatchObject({ kind: 'insight', fields: { topic: 'x' } });
    const id = String(structured['id']);
    const waited = call('peer_wait', { id, waitSeconds: 30 });
    stack.happen(id, { kind: 'replied', taskId: 't-1', reply: 'hello alice' });
    expect((await waited).structured).toMatchObject({ state: 'answered', reply: 'hello alice' });
    expect((await client.listPrompts()).prompts).toHaveLength(4);
    const wrong = await call('peer_send', { ...HELLO, peer: 'dave' });
    expect([wrong.isError, wrong.text]).toEqual([true, expect.stringContaining('The peers are: bob')]);
  });

  it.each<[string, (dataDir: string) => Env]>([
    ['from the environment', () => ({ AGENT_PEER_AGENT_TOKEN: AGENT })],
    [
      'from a file',
      (dataDir) => {
        writeFileSync(join(dataDir, 'mine'), `${AGENT}\n`, { mode: 0o600 });
        return { AGENT_PEER_AGENT_TOKEN_FILE: join(dataDir, 'mine') };
      },
    ],
    [
      'from the data folder',
      (dataDir) => {
        writeFileSync(join(dataDir, 'agent-token'), `${AGENT}\n`, { mode: 0o600 });
        return { AGENT_PEER_DATA_DIR: dataDir };
      },
    ],
  ])('take the token of an agent %s', async (_where, given) => {
    const stack = await withBob({ agentNeedsToken: true });
    const { call } = await connect(envOf(stack.port, given(tempFolder())));
    expect((await call('peer_send', HELLO)).isError).toBe(false);
    expect(stack.store.outbox.list(1)).toHaveLength(1);
  });

  it('never take that of the owner, and say that there is none', async () => {
    const stack = await withBob({ agentNeedsToken: true });
    const dataDir = tempFolder();
    writeFileSync(join(dataDir, 'owner-token'), `${OWNER}\n`, { mode: 0o600 });
    const { call } = await connect(envOf(stack.port, { AGENT_PEER_DATA_DIR: dataDir }));
    const { isError, text } = await call('peer_send', HELLO);
    expect([isError, text]).toEqual([true, expect.stringContaining('local-token-refused')]);
    expect(stack.store.outbox.list(1)).toEqual([]);
  });

  it('tell the model that the proxy is away', async () => {
    const gone = await startLocalStack();
    await gone.close(0);
    const { call } = await connect(envOf(gone.port));
    for (const [name, args] of [
      ['peer_list', {}],
      ['peer_send', HELLO],
      ['peer_wait', { id: 'x' }],
    ] as const) {
      const { isError, text } = await call(name, args);
      expect([isError, text]).toEqual([true, expect.stringContaining('local-api-unreachable')]);
      expect(text).toContain('not in a loop');
    }
  });

  it('do not take an answer that never came for a message that was not sent', async () => {
    const server = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { call } = await connect(envOf((server.address() as AddressInfo).port));
    const { isError, text } = await call('peer_send', { ...HELLO, alias: 'inbox' });
    expect([isError, text]).toEqual([true, expect.stringContaining('local-api-unanswered')]);
    expect(text).toContain('may have been taken: do not send it again');
    expect((await call('peer_list')).text).toContain('local-api-unreachable');
  });

  it('give the id of a message that was sent before the proxy went away', async () => {
    const stack = await withBob({ agentNeedsToken: false });
    const { call } = await connect(envOf(stack.port));
    const waiting = call('peer_send', { ...HELLO, alias: 'inbox', waitSeconds: 60 });
    await expect.poll(() => stack.store.outbox.list(1)).toHaveLength(1);
    await stack.close(0);
    expect((await waiting).structured).toMatchObject({ next: 'wait', id: stack.store.outbox.list(1)[0]?.id });
  });
});

describe('the process', () => {
  it('ends with exit code 0 when stdin closes, having written nothing but answers', async () => {
    const stack = await withBob({ agentNeedsToken: false });
    const { child, lines } = startProcess(envOf(stack.port));
    child.stdin.write(`${INITIALIZE}this is no JSON\n${line(1, 'tools/list', {})}`);
    await expect.poll(lines, { timeout: 10_000 }).toHaveLength(2);
    const exited = once(child, 'exit');
    child.stdin.end();
    expect((await exited)[0]).toBe(0);
    expect(lines().map((one) => (JSON.parse(one) as { id: number }).id)).toEqual([0, 1]);
  });

  it('ends with exit code 0 in the middle of a wait, and the message stays', async () => {
    const stack = await withBob({ agentNeedsToken: false });
    const { child } = startProcess(envOf(stack.port));
    const args = { name: 'peer_send', arguments: { ...HELLO, waitSeconds: 120 } };
    child.stdin.write(`${INITIALIZE}${line(1, 'tools/call', args)}`);
    await expect.poll(() => stack.store.outbox.list(1), { timeout: 10_000 }).toHaveLength(1);
    const exited = once(child, 'exit');
    child.stdin.end();
    expect((await exited)[0]).toBe(0);
    expect(stack.store.outbox.list(1)[0]?.state).toBe('queued');
  });

  it('ends with exit code 0 when nobody reads it any more', async () => {
    const { child, lines } = startProcess(envOf(1));
    child.stdin.write(INITIALIZE);
    await expect.poll(lines, { timeout: 10_000 }).toHaveLength(1);
    const exited = once(child, 'exit');
    child.stdout.destroy();
    child.stdin.write(line(1, 'tools/list', {}));
    expect((await exited)[0]).toBe(0);
  });

  it('says on stderr what is wrong with its configuration', async () => {
    const run = await spawnCli(['mcp'], { env: { AGENT_PEER_LOCAL_PORT: 'many' } });
    expect([run.exitCode, run.stdout]).toEqual([78, '']);
    expect(run.stderr).toContain('AGENT_PEER_LOCAL_PORT');
  });
});
