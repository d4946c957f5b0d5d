import { backoffMs } from '../core/backoff.ts';
import type { MessageId } from '../core/message.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import type { Random } from '../ports/machine.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { DeliveryLimits } from './limits.ts';

/** After this many fruitless questions in a row, a message whose time is long over is given up as `uncertain`. */
const LAST_QUESTIONS = 10;

export interface Ended {
  readonly message: OutboxMessage;
  readonly event: OutboxEvent;
  readonly now: number;
  /** The peer answered, but long before the time that it was asked to wait. */
  readonly early: boolean;
}

/** How often each message was tried or asked for in vain, and when it is its turn again. Kept in memory only. */
export interface RetryPlan {
  /** The instant of the next attempt. */
  next(ended: Ended): number;
  /** The peer took it, its time is over by more than the grace, and asking leads nowhere. */
  isHopeless(ended: Ended, limits: Grace): boolean;
  forget(): void;
}

function isFruitless({ message, event, early }: Ended): boolean {
  if (event.kind === 'not-delivered') return true;
  return event.kind === 'receipt' && message.state === 'accepted' && early;
}

type Grace = Pick<DeliveryLimits, 'replyGraceMs' | 'holdMs'>;

/** A person at the peer may still look at what is held there. */
function graceMs({ event }: Ended, { replyGraceMs, holdMs }: Grace): number {
  return event.kind === 'receipt' && (event.held ?? null) !== null ? replyGraceMs + holdMs : replyGraceMs;
}

export function createRetryPlan(random: Random): RetryPlan {
  const inVain = new Map<MessageId, number>();
  const countOf = ({ id, state, attempts }: OutboxMessage) =>
    inVain.get(id) ?? (state === 'queued' ? attempts : 0);
  return {
    next: (ended) => {
      const { message, now } = ended;
      if (!isFruitless(ended)) {
        inVain.delete(message.id);
        return now;
      }
      const count = countOf(message);
      inVain.set(message.id, count + 1);
      return now + backoffMs(count, random.fraction());
    },
    isHopeless: (ended, limits) => {
      const { message, event, now } = ended;
      if (message.state !== 'accepted' || now < message.expiresAt + graceMs(ended, limits)) return false;
      return (
        event.kind === 'receipt' || (event.kind === 'not-delivered' && countOf(message) >= LAST_QUESTIONS)
      );
    },
    forget: () => inVain.clear(),
  };
}
