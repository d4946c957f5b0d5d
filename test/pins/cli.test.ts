/**
 * What scripts around `agent-peer` and programs on the loopback API depend on: exit codes, error codes, field names.
 * Written out here and imported from nowhere, so that a change has to be made twice, on purpose.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR_EXITS, EXIT } from '../../src/errors.ts';
import { ask, startLocalStack } from '../harness/local-stack.ts';
import { sampleInbound } from '../harness/samples.ts';

const EXITS = { internal: 1, usage: 2, refused: 3, notFound: 4, unavailable: 5, pending: 6, config: 78 };

const ERRORS = {
  'alias-invalid': 2,
  'backup-unreadable': 2,
  'clock-behind': 5,
  'config-invalid': 78,
  'gateway-incompatible': 5,
  'gateway-not-approved': 6,
  'gateway-token-refused': 3,
  'gateway-unreachable': 5,
  'grant-not-found': 4,
  'hold-elsewhere': 3,
  'hold-not-found': 4,
  'input-invalid': 2,
  'internal-error': 1,
  'invite-invalid': 2,
  'invite-not-found': 4,
  'invite-refused': 3,
  'local-api-unanswered': 5,
  'local-api-unreachable': 5,
  'local-body-too-large': 2,
  'local-method-unknown': 2,
  'local-request-refused': 3,
  'local-role-refused': 3,
  'local-route-unknown': 2,
  'local-token-refused': 3,
  'local-type-unknown': 2,
  'message-invalid': 2,
  'message-not-answered': 3,
  'message-not-cancelled': 3,
  'message-not-found': 4,
  'message-not-waiting': 3,
  'message-pending': 6,
  'namespace-dead': 5,
  'node-not-found': 4,
  'not-granted': 3,
  'pairing-ended': 3,
  'pairing-waiting': 6,
  'passphrase-refused': 3,
  'peer-exists': 2,
  'peer-incompatible': 5,
  'peer-not-active': 3,
  'peer-not-found': 4,
  'peer-refused': 3,
  'peer-token-missing': 4,
  'peer-unreachable': 5,
  'port-taken': 5,
  'reply-session-missing': 3,
  'rotation-pending': 6,
  'session-key-invalid': 2,
  'session-not-running': 3,
  'stack-paused': 3,
  'storage-locked': 5,
  'storage-unavailable': 5,
  'tailnet-not-running': 5,
  'tailnet-unavailable': 5,
  'tailnet-userspace': 78,
};

const MESSAGE = [
  'alias',
  'answer',
  'attempts',
  'contextParts',
  'conversation',
  'createdAt',
  'detail',
  'erasedAt',
  'fields',
  'hold',
  'id',
  'inReplyTo',
  'kind',
  'peer',
  'reason',
  'reply',
  'state',
  'taskId',
  'updatedAt',
];

const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const keys = (value: unknown) => Object.keys(value as object).sort();

it('has these exit codes', () => {
  expect(EXIT).toEqual(EXITS);
  for (const code of Object.values(EXITS))
    expect(docs, String(code)).toMatch(new RegExp(`^\\| ${code} \\| \\w`, 'm'));
});

it('has these errors, each with its exit code, all in docs/cli.md', () => {
  expect(ERROR_EXITS).toEqual(ERRORS);
  const listed = [...docs.matchAll(/^\| `([a-z-]+)` \| (\d+) \|$/gm)].map(([, code, exit]) => [
    code,
    Number(exit),
  ]);
  expect(Object.fromEntries(listed)).toEqual(ERRORS);
});

it('has no error that nothing ends with', () => {
  const folder = new URL('../../src/', import.meta.url);
  const tables = ['errors.ts', 'local-server/problem.ts'];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const code = files
    .filter((name) => name.endsWith('.ts') && !tables.includes(name))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  expect(Object.keys(ERRORS).filter((word) => !code.includes(`'${word}'`))).toEqual([]);
});

it('answers a message with these fields', async () => {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  const sent = await ask(stack.port, '/api/v1/messages', {
    method: 'POST',
    body: { peer: 'bob', alias: 'inbox', text: 'x' },
  });
  expect(keys(sent.json)).toEqual([...MESSAGE, 'warnings'].sort());
  expect(sent.json['createdAt']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const whole = await ask(stack.port, `/api/v1/messages/${String(sent.json['id'])}`);
  expect(keys(whole.json)).toEqual([...MESSAGE, 'context', 'direction', 'text'].sort());
  stack.store.inbox.accept(sampleInbound('in-1'));
  const { messages } = (await ask(stack.port, '/api/v1/messages')).json as { messages: object[] };
  expect(messages.map(keys)).toEqual([
    [...MESSAGE, 'direction', 'text'].sort(),
    [...MESSAGE, 'direction', 'text'].sort(),
  ]);
});

it('answers an error with these fields', async () => {
  const { port } = await startLocalStack();
  const { json } = await ask(port, '/api/v1/messages/none');
  expect(keys(json)).toEqual(['code', 'detail', 'fix', 'status', 'title', 'type']);
  expect(json).toMatchObject({
    type: 'urn:agent-peer:error:message-not-found',
    title: 'Not Found',
    status: 404,
  });
});
