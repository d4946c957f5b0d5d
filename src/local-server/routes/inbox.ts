import { z } from 'zod';
import { parseCallingSession } from '../../core/attested-session.ts';
import type { SessionKey } from '../../core/session-key.ts';
import { must } from '../../errors.ts';
import type { Attestation } from '../../ports/attestation.ts';
import type { InboxStore, OutboxStore } from '../../ports/messages.ts';
import type { Role } from '../roles.ts';
import { route, type Route } from '../route.ts';
import { sessionMessage } from '../answers/inbox.ts';
import { receivedView, sentView, type SessionMessageView } from '../session-views.ts';
import { callingSession } from './messages.ts';

const MAX_LISTED = 50;

const asked = z.strictObject({
  session: callingSession,
  limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(10),
});

export interface InboxParts {
  readonly attestation: Attestation;
  readonly inbox: Pick<InboxStore, 'ofSession'>;
  readonly outbox: Pick<OutboxStore, 'ofSession'>;
}

/** The owner reads any session; an agent only the one that it calls from. */
async function readable({ attestation }: InboxParts, role: Role, session: string): Promise<SessionKey> {
  if (role === 'owner') return must('session-key-invalid', parseCallingSession(session));
  return (await attestation.attest(session)).sessionKey;
}

export function inboxRoutes(parts: InboxParts): readonly Route[] {
  const { inbox, outbox } = parts;
  const list = route({
    method: 'GET',
    path: '/api/v1/inbox',
    roles: ['owner', 'agent'],
    summary:
      'What peers wrote into one session, and what it sent with the reply to come into it, newest first.',
    body: null,
    query: asked,
    answers: { 200: z.strictObject({ messages: z.array(sessionMessage).readonly() }) },
    handle: async ({ role, query: { session, limit } }) => {
      const sessionKey = await readable(parts, role, session);
      const both: SessionMessageView[] = [
        ...inbox.ofSession(sessionKey, limit).map(receivedView),
        ...outbox.ofSession(sessionKey, limit).map(sentView),
      ];
      both.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      return { status: 200, body: { messages: both.slice(0, limit) } };
    },
  });
  return [list];
}
