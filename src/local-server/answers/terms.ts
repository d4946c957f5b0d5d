import { z } from 'zod';
import { GRANT_OPERATIONS, HOLDS } from '../../core/grant.ts';
import { HOLD_REASONS } from '../../core/hold.ts';
import { named } from './names.ts';

/** ISO 8601 in UTC. */
export const instant = named('Instant', z.iso.datetime());

export const count = z.int().min(0);

/** How often each of these is there; what is not there at all is left out. */
export const counts = z.record(z.string(), count);

/** What waits for a person, and for whose. */
export const waiting = named(
  'Waiting',
  z.strictObject({
    place: z.enum(['here', 'peer']),
    what: z.enum(['message', 'reply']),
    reason: z.enum(HOLD_REASONS),
  }),
);

/** A peer's right to write to one session here. */
export const grant = named(
  'InboundGrant',
  z.strictObject({
    peer: z.string(),
    alias: z.string(),
    sessionKey: z.string(),
    operations: z.array(z.enum(GRANT_OPERATIONS)).readonly(),
    sendsPerMinute: z.number().nullable(),
    hold: z.enum(HOLDS),
    expiresAt: instant.nullable(),
  }),
);

/** The right of this machine's agents to write to a peer. */
export const outboundGrant = named(
  'OutboundGrant',
  z.strictObject({
    peer: z.string(),
    alias: z.string(),
    hold: z.enum(HOLDS),
    replySession: z.string().nullable(),
    expiresAt: instant.nullable(),
  }),
);

export const eitherGrant = named(
  'Grant',
  z.discriminatedUnion('direction', [
    z.strictObject({ direction: z.literal('inbound'), ...grant.shape }),
    z.strictObject({ direction: z.literal('outbound'), ...outboundGrant.shape }),
  ]),
);

export const warnings = z.array(z.string()).readonly();
