import { z } from 'zod';
import type { Conversation, Conversations } from '../../ports/conversations.ts';
import { loggedInbound, loggedOutbound } from '../log-views.ts';
import { route, type Route } from '../route.ts';
import { loggedMessage } from '../answers/messages.ts';

const which = z.strictObject({
  conversation: z.string().max(128),
  peer: z.string().max(128).optional(),
});

const conversationLog = z.strictObject({
  conversation: z.string(),
  isWhole: z.boolean(),
  messages: z.array(loggedMessage).readonly(),
});
export type ConversationView = z.infer<typeof conversationLog>;

function conversationView({ id, outbound, inbound, isWhole }: Conversation): ConversationView {
  const messages = [...outbound.map(loggedOutbound), ...inbound.map(loggedInbound)];
  messages.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  return { conversation: id, isWhole, messages };
}

/** To be mounted before the messages, or its path would be the id of one. */
export function conversationLogRoutes(conversations: Conversations): readonly Route[] {
  const log = route({
    method: 'GET',
    path: '/api/v1/messages/export',
    roles: ['owner'],
    summary: 'Everything that was said in one conversation, oldest first.',
    body: null,
    query: which,
    answers: { 200: conversationLog },
    handle: ({ query: { conversation, peer } }) => ({
      status: 200,
      body: conversationView(conversations.find(conversation, peer)),
    }),
  });
  return [log];
}
