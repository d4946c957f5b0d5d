import { z } from 'zod';
import { INBOX_STATES } from '../../core/inbox.ts';
import { CONFIDENCES, KINDS } from '../../core/kinds.ts';
import { OUTBOX_STATES } from '../../core/outbox.ts';
import { named } from './names.ts';
import { count, instant, waiting, warnings } from './terms.ts';

/** Of all kinds together: which of them a message has is said by its kind. */
const fields = named(
  'Fields',
  z.strictObject({
    status: z.string().exactOptional(),
    next: z.string().exactOptional(),
    topic: z.string().exactOptional(),
    confidence: z.enum(CONFIDENCES).exactOptional(),
    artifact: z.string().exactOptional(),
    questions: z.string().exactOptional(),
    doneWhen: z.string().exactOptional(),
    deadlineSeconds: count.exactOptional(),
  }),
);

const contextPart = named(
  'ContextPart',
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: z.string() }),
    z.strictObject({ type: z.literal('json'), value: z.unknown() }),
  ]),
);

/** What a message is beside its text. */
export const content = {
  kind: z.enum(KINDS),
  fields,
  context: z.array(contextPart).readonly(),
};

const taskAnswer = z.strictObject({
  kind: z.enum(['accepted', 'declined']),
  reason: z.string().nullable(),
});

/** Of both directions. */
const common = {
  id: z.string(),
  peer: z.string(),
  alias: z.string(),
  conversation: z.string(),
  kind: content.kind,
  fields,
  contextParts: count,
  answer: taskAnswer.nullable(),
  hold: waiting.nullable(),
  reply: z.string().nullable(),
  detail: z.string().nullable(),
  taskId: z.string().nullable(),
  /** The peer's task whose reply it is, to one that never asks. */
  inReplyTo: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
  erasedAt: instant.nullable(),
};

const sent = {
  ...common,
  state: z.enum(OUTBOX_STATES),
  reason: z.string().nullable(),
  attempts: count,
};

/** A message of ours. */
export const message = named('Message', z.strictObject(sent));

/** As it is answered to whoever sent it. */
export const sentMessage = named('SentMessage', z.strictObject({ ...sent, warnings }));

export const outboundMessage = named(
  'OutboundMessage',
  z.strictObject({ direction: z.literal('outbound'), ...sent, text: z.string() }),
);

export const wholeMessage = named(
  'WholeMessage',
  z.strictObject({ ...outboundMessage.shape, context: content.context }),
);

/** In the same shape as an outbound one. */
export const inboundMessage = named(
  'InboundMessage',
  z.strictObject({
    direction: z.literal('inbound'),
    ...common,
    state: z.enum(INBOX_STATES),
    reason: z.null(),
    attempts: z.null(),
    text: z.string(),
  }),
);

export const listedMessage = z.discriminatedUnion('direction', [outboundMessage, inboundMessage]);

/** A message as its conversation is told. `text` is null when it was erased. */
const logged = {
  id: z.string(),
  taskId: z.string().nullable(),
  inReplyTo: z.string().nullable(),
  peer: z.string(),
  alias: z.string(),
  ...content,
  text: z.string().nullable(),
  reply: z.string().nullable(),
  hold: waiting.nullable(),
  createdAt: instant,
  updatedAt: instant,
  detail: z.string().nullable(),
};

export const loggedMessage = named(
  'LoggedMessage',
  z.discriminatedUnion('direction', [
    z.strictObject({
      direction: z.literal('outbound'),
      ...logged,
      state: z.enum(OUTBOX_STATES),
      reason: z.string().nullable(),
    }),
    z.strictObject({
      direction: z.literal('inbound'),
      ...logged,
      state: z.enum(INBOX_STATES),
      reason: z.null(),
    }),
  ]),
);
