import { z } from 'zod';
import { ERROR_DOMAIN } from '../core/peer-wire.ts';

/** A JSON-RPC error of a stack, or of another framework. */
export const Failure = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  error: z.object({
    code: z.int(),
    message: z.string().optional().catch(undefined),
    data: z.unknown().optional(),
  }),
});

const Details = z.array(z.object({ domain: z.string().optional(), reason: z.string().optional() }));

/** The refusal reason that an error carries in our own words, if it does. */
export function refusalWord(data: unknown): string | null {
  const details = Details.safeParse(data);
  if (!details.success) return null;
  return details.data.find(({ domain }) => domain === ERROR_DOMAIN)?.reason ?? null;
}
