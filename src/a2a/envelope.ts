import { z } from 'zod';
import type { JsonValue } from '../core/strict-json.ts';
import { Refusal, type RpcId } from './refusal.ts';

/** A JSON-RPC 2.0 request. Without an id it would be a notification, which has no answer: none is defined here. */
const Envelope = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().min(1).max(128), z.int()]),
  method: z.string().min(1).max(64),
  params: z.unknown().optional(),
});

export interface RpcCall {
  readonly id: RpcId;
  readonly method: string;
  readonly params: unknown;
}

/** Throws Refusal `rpc-invalid`; a batch is an array and so none of these. */
export function readEnvelope(body: JsonValue): RpcCall {
  const result = Envelope.safeParse(body);
  if (!result.success) throw new Refusal('rpc-invalid', describeIssue(result.error, 'request'));
  const { id, method, params } = result.data;
  return { id, method, params };
}

const DETAIL_LENGTH = 200;

/** `params.message.parts[0].text: what is wrong`, cut to a length: names in it are the sender's own. */
export function describeIssue(error: z.ZodError, root: string): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map((step) =>
    typeof step === 'number' ? `[${step}]` : `.${String(step)}`,
  );
  return `${root}${path.join('')}: ${issue?.message ?? 'malformed'}`.slice(0, DETAIL_LENGTH);
}

/** An own member of something that may be anything. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
