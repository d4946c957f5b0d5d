import { z } from 'zod';
import { content } from './messages.ts';
import { named } from './names.ts';
import { count, instant, waiting } from './terms.ts';

const about = {
  id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  ...waiting.shape,
  peer: z.string(),
  alias: z.string(),
  conversation: z.string(),
  kind: content.kind,
  since: instant,
  until: instant,
};

export const heldLine = named('HeldLine', z.strictObject({ ...about, excerpt: z.string() }));

export const held = named(
  'Held',
  z.strictObject({
    ...about,
    text: z.string(),
    reply: z.string().nullable(),
    fields: content.fields,
    context: content.context,
    /** What looks like a secret in what is to be looked at, by its kind alone. */
    secrets: z.array(z.string()).readonly(),
  }),
);

/** How many wait for the owner here, and how many of ours for owners of peers. */
export const heldCounts = z.strictObject({ here: count, there: count });
