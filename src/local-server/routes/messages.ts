import { z } from 'zod';
import { KINDS } from '../../core/kinds.ts';
import { isFinalOutboxState } from '../../core/outbox.ts';
import { AgentPeerError } from '../../errors.ts';
import type { Draft, MessageControl, Messages } from '../../ports/delivery.ts';
import type { InboxStore, OutboxMessage } from '../../ports/messages.ts';
import { readDuration } from '../duration.ts';
import type { Role } from '../roles.ts';
import { route, type AnswerOf, type Route } from '../route.ts';
import { inboundView, messageView, outboundView, wholeView } from '../views.ts';
import { controlRoutes } from './message-control.ts';
import { listedMessage, message, wholeMessage } from '../answers/messages.ts';

const MAX_WAIT_SECONDS = 600;
const MAX_LISTED = 200;

const draft = z.strictObject({
  peer: z.string().max(128),
  alias: z.string().max(128),
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
  readonly control: MessageControl;
  readonly inbox: Pick<InboxStore, 'list'>;
}

const ANSWERS = { 200: message, 202: message };

function answer(waited: OutboxMessage): AnswerOf<200 | 202, typeof message> {
  return { status: isFinalOutboxState(waited.state) ? 200 : 202, body: messageView(waited) };
}

type Body = Omit<z.infer<typeof draft>, 'waitSeconds'>;

function draftOf({ kind, fields, context, ttl, ...rest }: Body, by: Role): Draft {
  const ttlMs = ttl === undefined ? {} : { ttlMs: readDuration(ttl, 'ttl') };
  return { ...rest, ...ttlMs, content: { kind, fields, context }, by };
}

function send(messages: Messages): Route {
  return route({
    method: 'POST',
    path: '/api/v1/messages',
    roles: ['owner', 'agent'],
    summary: 'Send a message to a peer; with waitSeconds, wait for its reply that long.',
    body: draft,
    query: null,
    answers: ANSWERS,
    handle: async ({ role, body, signal }) => {
      const { waitSeconds = 0, ...wish } = body;
      const sent = messages.submit(draftOf(wish, role));
      if (waitSeconds === 0) return answer(sent);
      return answer(await messages.settled(sent.id, waitSeconds * 1000, signal));
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
      return answer(await messages.settled(found.id, waitSeconds * 1000, signal));
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
  return [...controlRoutes(parts), send(parts.messages), show(parts.messages), list(parts)];
}
