import { z } from 'zod';
import { parseAlias } from '../core/alias.ts';
import type { JsonValue } from '../core/strict-json.ts';
import { PEER_TOKEN } from '../digests.ts';
import type { PairRequest } from '../ports/pairing.ts';
import { describeIssue } from '../a2a/envelope.ts';
import { Refusal } from '../a2a/refusal.ts';

const MOST_OFFERS = 32;

const PeerToken = z.string().regex(PEER_TOKEN, 'not a peer token');
const AliasName = z
  .string()
  .max(64)
  .transform((raw, context) => {
    const alias = parseAlias(raw);
    if (alias.ok) return alias.value;
    context.addIssue({ code: 'custom', message: alias.problem.what });
    return z.NEVER;
  });

const Request = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('claim'),
    secret: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'not a secret'),
    token: PeerToken,
    offers: z.array(AliasName).max(MOST_OFFERS),
    confirmed: z.boolean(),
  }),
  z.strictObject({ type: z.literal('news'), confirmed: z.boolean(), ready: z.boolean() }),
  z.strictObject({ type: z.literal('rotate'), token: PeerToken }),
]);

/** Throws Refusal `params-invalid` with the field; nothing that was sent is quoted, for it may be a secret. */
export function readPairRequest(body: JsonValue): PairRequest {
  const read = Request.safeParse(body);
  if (read.success) return read.data;
  throw new Refusal('params-invalid', describeIssue(read.error, 'request'));
}
