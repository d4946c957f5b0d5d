import { z } from 'zod';
import type { Judge } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';
import { grantView, outboundGrantView } from '../peer-views.ts';
import { DENY_REASONS, OPERATIONS, type Decision } from '../../core/decision.ts';
import { grant, outboundGrant } from '../answers/terms.ts';

const question = z.strictObject({
  peer: z.string().max(128),
  operation: z
    .string()
    .max(64)
    .meta({ examples: [...OPERATIONS] }),
  alias: z.string().max(128).optional(),
});

const explanation = z.strictObject({
  allowed: z.boolean(),
  reason: z.enum(DENY_REASONS).nullable(),
  sentence: z.string(),
  grant: z.union([grant, outboundGrant]).nullable(),
});
export type ExplanationView = z.infer<typeof explanation>;

/** The grant that allows it; null where none is needed, or none does. */
function grantOf(decision: Decision): ExplanationView['grant'] {
  if (!decision.allow) return null;
  switch (decision.operation) {
    case 'liveness-read':
    case 'health-read':
    case 'card-read':
    case 'invite-claim':
    case 'pairing-continue':
    case 'token-rotate':
      return null;
    case 'message-send':
    case 'task-read':
    case 'task-cancel':
      return grantView(decision.grant);
    case 'message-submit':
      return outboundGrantView(decision.grant);
  }
}

function explanationView({ decision, sentence }: ReturnType<Judge['explain']>): ExplanationView {
  return {
    allowed: decision.allow,
    reason: decision.allow ? null : decision.reason,
    sentence,
    grant: grantOf(decision),
  };
}

export function explainRoutes(judge: Pick<Judge, 'explain'>): readonly Route[] {
  const ask = route({
    method: 'GET',
    path: '/api/v1/explain',
    roles: ['owner'],
    summary: 'What would be decided now about one operation of one peer, and why.',
    body: null,
    query: question,
    answers: { 200: explanation },
    handle: ({ query: { peer, operation, alias = null } }) => ({
      status: 200,
      body: explanationView(judge.explain(peer, operation, alias)),
    }),
  });
  return [ask];
}
