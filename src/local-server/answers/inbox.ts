import { z } from 'zod';
import { content, outboundMessage } from './messages.ts';
import { named } from './names.ts';
import { count, instant } from './terms.ts';

/** A peer's message as its session was handed it. */
export const receivedMessage = named(
  'ReceivedMessage',
  z.strictObject({
    direction: z.literal('received'),
    peer: z.string(),
    alias: z.string(),
    conversation: z.string(),
    kind: content.kind,
    fields: content.fields,
    contextParts: count,
    text: z.string(),
    reply: z.string().nullable(),
    createdAt: instant,
    erasedAt: instant.nullable(),
  }),
);

/** A message of which the session gets the reply. */
export const sentFromSession = named(
  'SentFromSession',
  z.strictObject({ ...outboundMessage.shape, direction: z.literal('sent') }),
);

export const sessionMessage = z.discriminatedUnion('direction', [receivedMessage, sentFromSession]);
