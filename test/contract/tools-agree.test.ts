/**
 * An agent meets its tools by MCP or by OpenClaw's plugin, and what it learnt with one is true with the other.
 *
 * Both offer the same tools with the same parameters, in the same words. The plugin knows the calling session and nobody else
 * does: it alone has `peer_inbox`, and a reply to the session is one to that session. A client of MCP may give a call up, which
 * the gateway does not: of that MCP alone warns. Both say the same of each peer, of
 * each message, and of what went wrong.
 */
import { expect, it, vi } from 'vitest';
import { createApi } from '../../plugin/api.js';
import { TOOL_CALLS } from '../../plugin/calls.js';
import { stepAfter as stepAfterByPlugin, stepOf as stepByPlugin } from '../../plugin/next-step.js';
import { TOOLS } from '../../plugin/tools.js';
import { HOLD_REASONS } from '../../src/core/hold.ts';
import { OUTBOX_STATES } from '../../src/core/outbox.ts';
import type { Policy } from '../../src/core/policy.ts';
import { AgentPeerError, ERROR_EXITS, type ErrorCode } from '../../src/errors.ts';
import { stepAfter, stepOf } from '../../src/mcp/next-step.ts';
import type { AgentMessage } from '../../src/ports/agent-api.ts';
import { startLocalStack } from '../harness/local-stack.ts';
import { connectMcp, httpTransport } from '../harness/mcp-client.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Offered {
  readonly name: string;
  readonly description?: string | undefined;
  readonly schema: Schema;
}

const SAID_OTHERWISE = new Set(['replyToSession', 'waitSeconds']);

function fieldsOf({ properties = {} }: Schema): Readonly<Record<string, unknown>> {
  const told = Object.entries(properties).map(([name, schema]) => {
    const description = SAID_OTHERWISE.has(name) ? undefined : schema.description;
    return [name, { ...takenBy(schema), description }];
  });
  return Object.fromEntries(told) as Record<string, unknown>;
}

/** What a schema takes, however it is written. */
function takenBy(schema: Schema): object {
  const { type, const: only, required = [], items, maximum, minimum, maxLength, maxItems } = schema;
  const either = schema.anyOf ?? schema.oneOf;
  return {
    type: only === undefined ? type : typeof only,
    // Every integer has this one as its bound where nobody gave another.
    maximum: maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum,
    ...{ only, minimum, maxLength, maxItems, enum: schema.enum, default: schema.default },
    isClosed: schema.additionalProperties === false,
    required: [...required].sort(),
    fields: fieldsOf(schema),
    items: items === undefined ? undefined : takenBy(items),
    either: either?.map(takenBy),
  };
}

const tableOf = (tools: readonly Offered[]) =>
  Object.fromEntries(
    tools.map(({ name, description, schema }) => [name, { description, ...takenBy(schema) }]),
  );

it('are the same tools by MCP and by the plugin, but for what only the calling session adds', async () => {
  const { port } = await startLocalStack({ agentNeedsToken: false });
  const { client } = await connectMcp(httpTransport(port, null));
  const { tools } = await client.listTools();
  const byMcp = tools.map((tool): Offered => ({ ...tool, schema: tool.inputSchema as Schema }));
  const byPlugin = TOOLS.map((tool): Offered => ({ ...tool, schema: tool.parameters }));
  const { peer_inbox: inbox, ...common } = tableOf(byPlugin);
  expect(inbox).toBeDefined();
  expect(Object.keys(common)).toEqual(['peer_list', 'peer_send', 'peer_wait']);
  expect(common).toEqual(tableOf(byMcp));
});

it.each<[string, (policy: Policy) => Partial<Policy>]>([
  ['nothing', () => ({})],
  ['a clock that went back', ({ asOf }) => ({ asOf: asOf + 1e12 })],
  ['a pause of all', () => ({ isPaused: true })],
  ['a pause of it', ({ peers }) => ({ peers: peers.map((peer) => ({ ...peer, state: 'paused' })) })],
  [
    'a pairing that is not complete',
    ({ peers }) => ({ peers: peers.map((peer) => ({ ...peer, state: 'provisional' })) }),
  ],
  ['a pairing that is over', ({ peers }) => ({ peers: peers.map((peer) => ({ ...peer, expiresAt: 0 })) })],
  ['grants that there are not', () => ({ outbound: new Map() })],
])('say the same of a peer by MCP and by the plugin: of one behind %s', async (_what, change) => {
  const stack = await startLocalStack({ agentNeedsToken: false });
  const { port, store } = stack;
  stack.addPeer('bob');
  const policy = store.peers.policy();
  vi.spyOn(store.peers, 'policy').mockReturnValue({ ...policy, ...change(policy) });
  const { call } = await connectMcp(httpTransport(port, null));
  const api = createApi({ url: new URL(`http://127.0.0.1:${port}`), token: null }, undefined);
  const byPlugin = await TOOL_CALLS.peer_list({ params: {}, api, session: null });
  expect((await call('peer_list')).text).toBe(byPlugin.details.text);
});

const MESSAGE: AgentMessage = {
  id: 'm-1',
  peer: 'bob',
  alias: 'inbox',
  conversation: 'c-1',
  state: 'queued',
  reply: null,
  answer: null,
  hold: null,
  reason: null,
  detail: null,
  erasedAt: null,
};
const HELD = HOLD_REASONS.flatMap((reason) =>
  (['here', 'peer'] as const).flatMap((place) =>
    (['message', 'reply'] as const).map(
      (what) => ({ state: 'accepted', hold: { place, what, reason } }) as const,
    ),
  ),
);

it('tell a model the same of a message, however it stands', () => {
  const messages: readonly Partial<AgentMessage>[] = [
    ...OUTBOX_STATES.map((state) => ({ state })),
    ...HELD,
    { state: 'refused', reason: 'alias-not-granted' },
    { state: 'refused', reason: 'hold-refused' },
    { state: 'answered', reply: 'yes' },
    { state: 'answered', erasedAt: '2026-11-24T00:00:00.000Z' },
  ];
  for (const over of messages) {
    const message = { ...MESSAGE, ...over };
    const byPlugin = { ...message, kind: 'message', createdAt: '' };
    expect(stepByPlugin(byPlugin), JSON.stringify(over)).toEqual(stepOf(message));
  }
});

it('tell a model the same to do about an error that both can meet', () => {
  const own = new Set([
    'config-invalid',
    'gateway-not-approved',
    'session-key-invalid',
    'session-not-running',
  ]);
  // What became of a request without an answer, the plugin tells by an error of its own.
  own.add('local-api-unanswered');
  const codes = (Object.keys(ERROR_EXITS) as ErrorCode[]).filter((code) => !own.has(code));
  for (const code of codes)
    expect(stepAfterByPlugin(code, 'Mend it'), code).toEqual(
      stepAfter(new AgentPeerError(code, 'something', 'Mend it')),
    );
});
