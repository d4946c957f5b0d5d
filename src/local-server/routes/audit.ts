import { z } from 'zod';
import type { AuditReader } from '../../ports/audit.ts';
import { route, type Route } from '../route.ts';
import { auditLineView } from '../views.ts';
import { auditLine } from '../answers/stack.ts';

const MAX_LINES = 10_000;

const wanted = z.strictObject({
  peer: z.string().max(128).exactOptional(),
  reason: z.string().max(128).exactOptional(),
  allowed: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .exactOptional(),
  message: z.string().max(128).exactOptional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((instant) => Date.parse(instant))
    .exactOptional(),
  limit: z.coerce.number().int().min(1).max(MAX_LINES).default(50),
});

/** The owner's alone: it tells who else is a peer, and what they do. */
export function auditRoutes(audit: AuditReader): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/audit',
    roles: ['owner'],
    summary: 'Decisions about peers, newest first.',
    body: null,
    query: wanted,
    answers: { 200: z.strictObject({ lines: z.array(auditLine).readonly() }) },
    handle: ({ query: { message, ...filter } }) => {
      const lines = audit.read(message === undefined ? filter : { ...filter, messageId: message });
      return { status: 200, body: { lines: lines.map(auditLineView) } };
    },
  });
  return [list];
}
