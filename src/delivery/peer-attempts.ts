import type { OutboxEvent } from '../core/outbox.ts';
import type { Clock, Random } from '../ports/machine.ts';
import type { OutboxMessage, OutboxStore } from '../ports/messages.ts';
import type { AskPace } from './ask-pace.ts';
import { attempt, type AttemptParts } from './attempt.ts';
import type { DeliveryLimits } from './limits.ts';
import type { PeerGate } from './peer-gate.ts';
import type { ReplyHolds } from './reply-holds.ts';
import type { MakeReplyTurn } from './reply-turn.ts';
import { createRetryPlan, type Ended } from './retry-plan.ts';

export interface PeerAttemptsParts extends AttemptParts {
  readonly outbox: OutboxStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: (message: OutboxMessage) => void;
  readonly replyHolds: ReplyHolds;
  readonly replyTurn: MakeReplyTurn;
  readonly limits: Pick<
    DeliveryLimits,
    'waitMs' | 'waitsPerPeer' | 'askPauseMs' | 'replyGraceMs' | 'holdMs' | 'sweepEveryMs'
  >;
}

/** What can be done with one message; each is over when its result is on disk, and rejects when that fails. */
export interface PeerAttempts {
  /** Ends it when its time is over, else hands it over. */
  handOver(message: OutboxMessage): Promise<void>;
  askFor(message: OutboxMessage): Promise<void>;
  /** What was tried in vain before counts no more. */
  startAfresh(): void;
}

const GIVEN_UP: OutboxEvent = {
  kind: 'uncertain',
  detail: 'the peer took it, but its time to live is over and no reply came',
};

/** It was under way when this process ended: whether the peer has it is not known, and it must not come twice. */
const CUT_OFF: OutboxEvent = {
  kind: 'uncertain',
  detail: 'this stack was stopped while it was being handed over, and the peer would not know it again',
};

export function createPeerAttempts(
  parts: PeerAttemptsParts,
  { gate, pace }: { readonly gate: PeerGate; readonly pace: AskPace },
  signal: AbortSignal,
): PeerAttempts {
  const { outbox, clock, random, replyHolds, replyTurn, limits, onChange } = parts;
  const plan = createRetryPlan(random);

  const withHold = ({ message, event }: Ended): OutboxEvent => {
    if (event.kind !== 'replied' || event.reply === null) return event;
    return { ...event, holdUntil: replyHolds(message.peer, 'inbound', event.reply)?.until ?? null };
  };

  const write = (ended: Ended): void => {
    const { message, now } = ended;
    // A stop ends the attempts under way: that tells nothing about the peer, and is not counted.
    if (signal.aborted && ended.event.kind === 'not-delivered') return;
    const event = plan.isHopeless(ended, limits) ? GIVEN_UP : withHold(ended);
    onChange(outbox.apply(message.id, event, { now, nextAttemptAt: plan.next(ended), replyTurn }));
  };

  const tryOnce = async (message: OutboxMessage, waitMs: number): Promise<void> => {
    const round = gate.round();
    const began = clock.now();
    const event = await attempt(parts, message, waitMs, signal);
    if (event.kind === 'not-delivered') {
      gate.failed(round);
      gate.hold(event.retryAfterMs ?? 0);
    } else gate.succeeded();
    const now = clock.now();
    const early = now - began < waitMs / 2;
    if (waitMs > 0) pace.answered(event, early);
    write({ message, event, now, early });
  };

  return {
    handOver: async (message) => {
      const now = clock.now();
      if (message.offeredAt !== null) write({ message, event: CUT_OFF, now, early: false });
      else if (message.expiresAt <= now) write({ message, event: { kind: 'expired' }, now, early: false });
      else await tryOnce(message, 0);
    },
    askFor: (message) => tryOnce(message, limits.waitMs),
    startAfresh: () => plan.forget(),
  };
}
