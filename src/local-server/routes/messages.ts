import { z } from 'zod';
import { KINDS } from '../../core/kinds.ts';
import { isFinalOutboxState } from '../../core/outbox.ts';
import { AgentPeerError } from '../../errors.ts';
import type { Attestation } from '../../ports/attestation.ts';
import type { Draft, MessageControl, Messages } from '../../ports/delivery.ts';
import type { InboxStore, OutboxMessage } from '../../ports/messages.ts';
import type { AliasChoice } from '../alias-choice.ts';
import { readDuration } from '../duration.ts';
import type { Role } from '../roles.ts';
import { route, type Route } from '../route.ts';
import { inboundView, messageView, outboundView, wholeView } from '../views.ts';
import { controlRoutes } from './message-control.ts';
import { listedMessage, message, sentMessage, wholeMessage } from '../answers/messages.ts';

const MAX_WAIT_SECONDS = 600;
const MAX_LISTED = 200;

/** The session that a call comes from; what it may be is for the core to say. */
export const callingSession = z.string().max(512);

const draft = z.strictObject({
  peer: z.string().max(128),
  /** The one that is meant where none is named, when absent. */
  alias: z.string().max(128).exactOptional(),
  text: z.string(),
  /** What goes with a kind, and what is context, is read by the core, as everywhere else. */
  kind: z
    .string()
    .max(64)
    .meta({ examples: [...KINDS] })
    .optional(),
  fields: z.record(z.string(), z.unknown()).describe('Those that go with the kind.').optional(),
  context: z
    .array(z.unknown())
    .meta({ examples: [[{ type: 'text', text: 'notes' }], [{ type: 'json', value: { open: 3 } }]] })
    .optional(),
  conversation: z.string().max(128).exactOptional(),
  session: callingSession.exactOptional(),
  replyToSession: z.boolean().exactOptional(),
  ttl: z
    .string()
    .max(32)
    .meta({ examples: ['12h'] })
    .optional(),
  waitSeconds: z.number().min(0).max(MAX_WAIT_SECONDS).optional(),
});

const wait = z.strictObject({ waitSeconds: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).optional() });
const listed = z.strictObject({ limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(20) });

export interface MessageParts {
  readonly messages: Messages;
  readonly attestation: Attestation;
  readonly aliasFor: AliasChoice;
  readonly control: MessageControl;
  readonly inbox: Pick<InboxStore, 'list'>;
}

const statusOf = ({ state }: OutboxMessage): 200 | 202 => (isFinalOutboxState(state) ? 200 : 202);

type Body = Omit<z.infer<typeof draft>, 'waitSeconds'>;

async function draftOf({ attestation, aliasFor }: MessageParts, body: Body, by: Role): Promise<Draft> {
  const { kind, fields, context, ttl, session, alias = aliasFor(body.peer), ...rest } = body;
  const ttlMs = ttl === undefined ? {} : { ttlMs: readDuration(ttl, 'ttl') };
  const from = session === undefined ? {} : { session: await attestation.attest(session) };
  return { ...rest, alias, ...ttlMs, ...from, content: { kind, fields, context }, by };
}

function send(parts: MessageParts): Route {
  const { messages } = parts;
  return route({
    method: 'POST',
    path: '/api/v1/messages',
    roles: ['owner', 'agent'],
    summary: 'Send a message to a peer; with waitSeconds, wait for its reply that long.',
    body: draft,
    query: null,
    answers: { 200: sentMessage, 202: sentMessage },
    handle: async ({ role, body, signal }) => {
      const { waitSeconds = 0, ...wish } = body;
      const submitted = messages.submit(await draftOf(parts, wish, role));
      const { id, warnings } = submitted;
      const now = waitSeconds === 0 ? submitted : await messages.settled(id, waitSeconds * 1000, signal);
      return { status: statusOf(now), body: { ...messageView(now), warnings } };
    },
  });
}

/** An id is unguessable, so whoever has one sent the message or was told of it. */
function show(messages: Messages): Route {
  return route({
    method: 'GET',
    path: '/api/v1/messages/:id',
    roles: ['owner', 'agent'],
    summary:
      'One message of this stack to a peer, for the owner with all it says; with waitSeconds, wait for its reply that long.',
    body: null,
    query: wait,
    answers: { 200: z.union([wholeMessage, message]), 202: message },
    handle: async ({ query: { waitSeconds = 0 }, role, param, signal }) => {
      const found = messages.find(param('id'));
      if (found === null) {
        throw new AgentPeerError(
          'message-not-found',
          'there is no message with this id',
          'agent-peer messages lists them',
        );
      }
      if (waitSeconds === 0)
        return { status: 200, body: role === 'owner' ? wholeView(found) : messageView(found) };
      const settled = await messages.settled(found.id, waitSeconds * 1000, signal);
      return { status: statusOf(settled), body: messageView(settled) };
    },
  });
}

function list({ messages, inbox }: MessageParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/messages',
    roles: ['owner'],
    summary: 'Messages in both directions with their texts, newest first.',
    body: null,
    query: listed,
    answers: { 200: z.strictObject({ messages: z.array(listedMessage).readonly() }) },
    handle: ({ query: { limit } }) => {
      const both = [...messages.list(limit).map(outboundView), ...inbox.list(limit).map(inboundView)];
      both.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      return { status: 200, body: { messages: both.slice(0, limit) } };
    },
  });
}

export function messageRoutes(parts: MessageParts): readonly Route[] {
  // Before the route that would take the word "retry" for an id.
  return [...controlRoutes(parts), send(parts), show(parts.messages), list(parts)];
}
