import { z } from 'zod';
import type { Change, Changes } from '../../ports/changes.ts';
import { listedMessage } from '../answers/messages.ts';
import { route, type Route } from '../route.ts';
import { inboundView, outboundView, type ListedMessageView } from '../views.ts';

const MAX_WAIT_SECONDS = 600;

const from = z.strictObject({
  since: z.string().max(64).optional(),
  waitSeconds: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(0),
});

const news = z.strictObject({
  changes: z.array(listedMessage).readonly(),
  /** For the next request. */
  cursor: z.string(),
});
export type NewsView = z.infer<typeof news>;

const changeView = (change: Change): ListedMessageView =>
  change.direction === 'outbound' ? outboundView(change.message) : inboundView(change.message);

/** The owner's alone, as the list of messages is: with all that is said. */
export function changeRoutes(changes: Changes): readonly Route[] {
  const follow = route({
    method: 'GET',
    path: '/api/v1/changes',
    roles: ['owner'],
    summary:
      'Messages that are new or stand otherwise since the cursor of the last answer, oldest first; without one, the cursor of now.',
    body: null,
    query: from,
    answers: { 200: news },
    handle: async ({ query: { since, waitSeconds }, signal }) => {
      if (since === undefined) return { status: 200, body: { changes: [], cursor: changes.now() } };
      const page = await changes.since(since, waitSeconds * 1000, signal);
      return { status: 200, body: { changes: page.changes.map(changeView), cursor: page.cursor } };
    },
  });
  return [follow];
}
