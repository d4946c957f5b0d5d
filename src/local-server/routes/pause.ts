import { z } from 'zod';
import type { PauseAdmin, Pauses } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';
import { pauses } from '../answers/stack.ts';
import { count } from '../answers/terms.ts';

const whom = z.strictObject({ peer: z.string().max(128).exactOptional() }).optional();

function pausesView({ isPaused, pausedPeers }: Pauses): z.infer<typeof pauses> {
  return { paused: isPaused, pausedPeers };
}

/** For the owner alone: an agent must be able neither to stop the others nor to take back its owner's stop. */
export function pauseRoutes(admin: PauseAdmin): readonly Route[] {
  const pause = route({
    method: 'POST',
    path: '/api/v1/pause',
    roles: ['owner'],
    summary:
      'Stop everything, or one peer, at once and until resume: turns that run are stopped, messages are kept.',
    body: whom,
    query: null,
    answers: { 200: pauses.extend({ turnsStopped: count }) },
    handle: ({ body }) => {
      const stopped = admin.pause(body?.peer);
      return { status: 200, body: { ...pausesView(stopped), turnsStopped: stopped.turnsStopped } };
    },
  });
  const resume = route({
    method: 'POST',
    path: '/api/v1/resume',
    roles: ['owner'],
    summary:
      'Let the stack, or one peer, go on. Peers that were paused one by one stay so until each is named.',
    body: whom,
    query: null,
    answers: { 200: pauses },
    handle: ({ body }) => ({ status: 200, body: pausesView(admin.resume(body?.peer)) }),
  });
  return [pause, resume];
}
