/**
 * A grant with the hold `secrets`: what goes out to that peer and looks like a secret waits for the owner, whoever wants it sent
 * and by whichever way, and all else goes at once. Who wanted it sent is told why and what kind of secret it looks like. The
 * secret itself is shown to the owner who decides, and stands nowhere else: in no answer, no log, no audit line, no notice.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { MESSAGE_EXTENSION } from '../../src/core/peer-wire.ts';
import { AGENT, ask, OWNER, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { call } from '../harness/loopback-calls.ts';
import { connectMcp, httpTransport } from '../harness/mcp-client.ts';
import { runCli } from '../harness/run-cli.ts';
import { sampleGrant, sampleOutboundGrant } from '../harness/samples.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const SECRET = `ghp_${'Ab1'.repeat(12)}`;
const KIND = 'a token of GitHub';
const WAITS = { place: 'here', what: 'message', reason: 'looks-secret' };
const DRAFT = { peer: 'bob', alias: 'inbox', text: `use ${SECRET}` };

async function withBob(): Promise<LocalStack> {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  stack.store.peers.putGrant(sampleOutboundGrant({ hold: 'secrets' }));
  return stack;
}

const post = (stack: LocalStack, path: string, body: object = {}, token = OWNER) =>
  ask(stack.port, `/api/v1${path}`, { method: 'POST', body, token });
const send = (stack: LocalStack, over: object = {}, token = AGENT) =>
  post(stack, '/messages', { ...DRAFT, ...over }, token);
const sent = ({ store }: LocalStack) => store.outbox.list(20);
const stateOf = (stack: LocalStack, id: unknown) => stack.store.outbox.find(String(id))?.state;

/** All that is written down beside the message itself. */
async function written(stack: LocalStack): Promise<string> {
  const { text } = await ask(stack.port, '/api/v1/audit?limit=200');
  return text + stack.log.text() + JSON.stringify(stack.store.notices.messages(0));
}

describe('under a hold of secrets', () => {
  it('what looks like one waits for the owner, wherever in the message it stands, and all else goes', async () => {
    const stack = await withBob();
    const { json, text, status } = await send(stack);
    expect([status, json]).toMatchObject([202, { state: 'held', hold: WAITS }]);
    expect(json['warnings']).toEqual([expect.stringContaining(KIND)]);
    const beside = { text: 'see beside', context: [{ type: 'json', value: { env: [SECRET] } }] };
    expect((await send(stack, beside)).json).toMatchObject({ state: 'held', hold: WAITS });
    expect((await send(stack, { text: 'no secret here' })).json).toMatchObject({
      state: 'queued',
      hold: null,
    });
    const { json: audit } = await ask(stack.port, `/api/v1/audit?message=${String(json['id'])}`);
    expect(audit['lines']).toMatchObject([{ allowed: true, reason: 'held-looks-secret' }]);
    expect(text + (await written(stack))).not.toContain(SECRET);
  });

  it('it waits by whoever’s word and under whichever alias, where one grant with the peer says so', async () => {
    const stack = await withBob();
    stack.store.peers.putGrant(sampleOutboundGrant({ alias: 'free' as Alias }));
    for (const over of [{}, { alias: 'free' }])
      for (const token of [AGENT, OWNER]) {
        const { json } = await send(stack, over, token);
        expect(json, JSON.stringify(over)).toMatchObject({ state: 'held', hold: WAITS });
      }
    stack.store.peers.putGrant(sampleOutboundGrant({ hold: 'outbound' }));
    stack.store.peers.putGrant(sampleGrant({ hold: 'secrets' }));
    expect((await send(stack)).json).toMatchObject({ hold: { reason: 'grant' } });
    expect((await send(stack, { alias: 'free' })).json).toMatchObject({ hold: { reason: 'looks-secret' } });
    stack.store.peers.putGrant(sampleGrant());
    expect((await send(stack, { alias: 'free' })).json).toMatchObject({ state: 'queued' });
  });

  it('it goes by the owner’s yes, and ends by their no, of which its agent is told', async () => {
    const stack = await withBob();
    const [yes, no] = [(await send(stack)).json['id'], (await send(stack)).json['id']];
    const shown = await ask(stack.port, `/api/v1/held/${String(yes)}`);
    expect(shown.json['held']).toMatchObject({ ...WAITS, text: DRAFT.text, secrets: [KIND] });
    expect((await post(stack, `/held/${String(yes)}/approve`)).status).toBe(200);
    expect(stateOf(stack, yes)).toBe('queued');
    expect(
      (await post(stack, `/held/${String(no)}/refuse`, { note: 'send a name, not the token' })).status,
    ).toBe(200);
    const { json, text } = await ask(stack.port, `/api/v1/messages/${String(no)}`, { token: AGENT });
    expect(json).toMatchObject({
      state: 'refused',
      reason: 'hold-refused',
      detail: 'send a name, not the token',
    });
    expect(text + (await written(stack))).not.toContain(SECRET);
  });

  it('no agent can let it go', async () => {
    const stack = await withBob();
    const { id } = (await send(stack)).json;
    expect((await post(stack, `/held/${String(id)}/approve`, {}, AGENT)).status).toBe(403);
    expect(stateOf(stack, id)).toBe('held');
  });

  it('a model is told by MCP what waits, for whom and why, and is not made to wait', async () => {
    const stack = await withBob();
    const { call: tool } = await connectMcp(httpTransport(stack.port, AGENT));
    const first = await tool('peer_send', { peer: 'bob', text: DRAFT.text, waitSeconds: 120 });
    expect([first.isError, first.structured]).toMatchObject([true, { next: 'ask-human', state: 'held' }]);
    expect(first.structured['hold']).toEqual(WAITS);
    expect(first.text).toContain(
      'your human has to look at it first, because it looks as if it had a secret',
    );
    expect(first.text).toContain(`Warning: The message has what looks like ${KIND} in it`);
    const later = await tool('peer_wait', { id: first.structured['id'], waitSeconds: 0 });
    expect([later.structured['next'], later.text]).toEqual(['ask-human', expect.stringContaining('secret')]);
    expect(first.text + later.text).toContain('Do not send it again, in no other form');
    expect(first.text + later.text + (await written(stack))).not.toContain(SECRET);
  });

  it('a local A2A client is told at once, in words and for programs', async () => {
    const stack = await withBob();
    const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: DRAFT.text }] };
    const { task, text } = await call(stack.port, 'SendMessage', { message });
    expect(task?.status).toMatchObject({
      state: 'TASK_STATE_SUBMITTED',
      message: { metadata: { [MESSAGE_EXTENSION]: { held: 'looks-secret' } } },
    });
    expect(task?.status.message?.parts[0]?.text).toMatch(
      new RegExp(`A person here has to look at this message first \\(looks-secret\\)\\. .*${KIND}`),
    );
    expect(sent(stack)).toMatchObject([{ state: 'held', hold: 'looks-secret' }]);
    expect(text + (await written(stack))).not.toContain(SECRET);
  });
});

it('the owner gives it, sees it and decides on the command line', async () => {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  const dataDir = tempFolder();
  writeFileSync(join(dataDir, 'owner-token'), `${OWNER}\n`, { mode: 0o600 });
  const env = { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(stack.port) };
  const cli = (...args: readonly string[]) => runCli(args, { env });
  const added = await cli('grants', 'add', 'bob', 'any', '--outbound', '--hold', 'secrets');
  expect([added.exitCode, added.stderr]).toEqual([0, expect.stringContaining('note: hold secrets')]);
  expect((await cli('grants', 'list')).stdout).toMatch(
    /^to +bob +every alias that it offers, hold secrets$/m,
  );
  const explained = await cli('explain', 'bob', 'message-submit', 'inbox');
  expect(explained.stdout).toContain('at what looks like a secret a person looks first');
  const { id } = (await send(stack)).json;
  expect((await cli('held', 'list')).stdout).toMatch(/ bob +inbox +message +looks-secret +you /);
  const shown = (await cli('held', 'show', String(id))).stdout;
  expect(shown).toContain('  why       it looks as if it had a secret in it (looks-secret)\n');
  expect(shown).toContain(`  secret    has what looks like ${KIND}\n`);
  expect((await cli('held', 'approve', String(id))).stderr).toBe('It goes to bob now.\n');
  expect(stateOf(stack, id)).toBe('queued');
});

it('is a word wherever a hold is given', async () => {
  const stack = await withBob();
  const sessionKey = 'agent:main:peer-bob';
  const alias = await post(stack, '/aliases', { peer: 'bob', alias: 'inbox', sessionKey, hold: 'secrets' });
  const invite = await post(stack, '/invites', { peer: 'carol', hold: 'secrets' });
  expect([alias.status, invite.status]).toEqual([201, 201]);
  expect(alias.json['grant']).toMatchObject({ hold: 'secrets' });
  expect(invite.json['invite']).toMatchObject({ hold: 'secrets', grants: [{ hold: 'secrets' }] });
  const wrong = await post(stack, '/invites', { peer: 'dave', hold: 'secret' });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('outbound, both, secrets')]);
});
