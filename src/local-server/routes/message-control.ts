import { z } from 'zod';
import type { MessageControl } from '../../ports/delivery.ts';
import { route, type Route } from '../route.ts';
import { messageView } from '../views.ts';
import { message } from '../answers/messages.ts';

const which = z
  .strictObject({ peer: z.string().max(128).optional(), id: z.string().max(128).optional() })
  .optional();
const nothing = z.strictObject({}).optional();

function retry(control: MessageControl): Route {
  return route({
    method: 'POST',
    path: '/api/v1/messages/retry',
    roles: ['owner'],
    summary: 'Try what waits now: for all peers, for one, or for that of one message.',
    body: which,
    query: null,
    answers: { 200: z.strictObject({ peers: z.array(z.string()).readonly() }) },
    handle: ({ body: { peer, id } = {} }) => {
      const asked = { ...(peer === undefined ? {} : { peer }), ...(id === undefined ? {} : { id }) };
      return { status: 200, body: { peers: control.retry(asked) } };
    },
  });
}

function cancel(control: MessageControl): Route {
  return route({
    method: 'POST',
    path: '/api/v1/messages/:id/cancel',
    roles: ['owner'],
    summary: 'Take back a message that no agent has seen yet.',
    body: nothing,
    query: null,
    answers: { 200: message },
    handle: async ({ param, signal }) => ({
      status: 200,
      body: messageView(await control.cancel(param('id'), signal)),
    }),
  });
}

export function controlRoutes({ control }: { readonly control: MessageControl }): readonly Route[] {
  return [retry(control), cancel(control)];
}
