import { z } from 'zod';
import type { Log } from '../../log.ts';
import type { Judge } from '../../ports/owner.ts';
import { route, type Route } from '../route.ts';

export interface ClockParts {
  readonly judge: Pick<Judge, 'clock' | 'acceptClock'>;
  readonly log: Log;
}

const nothing = z.strictObject({}).optional();

/** For the owner alone: it brings back what had expired at the instants that are now said to be wrong. */
export function clockRoutes({ judge, log }: ClockParts): readonly Route[] {
  const accept = route({
    method: 'POST',
    path: '/api/v1/clock/accept',
    roles: ['owner'],
    summary: 'Take the clock as it is now for right, though it was ahead before.',
    body: nothing,
    query: null,
    answers: { 200: z.strictObject({ clock: z.enum(['ok', 'behind']) }) },
    handle: () => {
      judge.acceptClock();
      log.warn('clock-accepted');
      return { status: 200, body: { clock: judge.clock() } };
    },
  });
  return [accept];
}
