import type { OutboxEvent } from '../core/outbox.ts';
import type { Clock } from '../ports/machine.ts';
import type { DeliveryLimits } from './limits.ts';

/**
 * Keeps a peer from being asked without end: one that answers at once, without a reply, does not wait for us now, and
 * each of our open messages would ask it in turn. Such a peer is asked one question at a time, with a pause between.
 */
export interface AskPace {
  /** Nothing is asked before this instant. */
  opensAt(): number;
  /** One question at a time. */
  isSlow(): boolean;
  /** @param early the answer came long before the time that the peer was asked to wait */
  answered(event: OutboxEvent, early: boolean): void;
}

export function createAskPace(clock: Clock, { askPauseMs }: Pick<DeliveryLimits, 'askPauseMs'>): AskPace {
  let isSlow = false;
  let opensAt = 0;
  return {
    opensAt: () => opensAt,
    isSlow: () => isSlow,
    answered: ({ kind }, early) => {
      // That nobody was reached is the gate's affair.
      if (kind === 'not-delivered') return;
      isSlow = kind === 'receipt' && early;
      opensAt = isSlow ? clock.now() + askPauseMs : 0;
    },
  };
}
