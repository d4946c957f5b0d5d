import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/core/backoff.ts';
import {
  afterLook,
  afterTurn,
  isCancellable,
  isFinalInboxState,
  stepOf,
  type InboxState,
} from '../../src/core/inbox.ts';
import {
  isFinalOutboxState,
  nextOutboxState,
  type OutboxEvent,
  type OutboxState,
} from '../../src/core/outbox.ts';

const EVENTS: readonly OutboxEvent[] = [
  { kind: 'receipt', taskId: 't' },
  { kind: 'replied', taskId: 't', reply: 'yes' },
  { kind: 'refused', reason: 'alias-not-granted', detail: 'd' },
  { kind: 'failed', detail: 'd' },
  { kind: 'uncertain', detail: 'd' },
  { kind: 'not-delivered', detail: 'd' },
  { kind: 'expired' },
];

describe('the outbox', () => {
  it.each([
    ['queued', ['accepted', 'answered', 'refused', 'failed', 'uncertain', 'queued', 'expired']],
    ['accepted', ['accepted', 'answered', 'refused', 'failed', 'uncertain', 'accepted', 'expired']],
  ] as const)('goes from %s where the event says', (state, expected) => {
    expect(EVENTS.map((event) => nextOutboxState(state, event))).toEqual(expected);
  });

  it.each(['answered', 'refused', 'failed', 'expired', 'uncertain'] as const)('never leaves %s', (state) => {
    expect(isFinalOutboxState(state)).toBe(true);
    for (const event of EVENTS) expect(nextOutboxState(state, event)).toBe(state);
  });

  it('never takes a receipt back', () => {
    const afterReceipt = EVENTS.map((event) => nextOutboxState('accepted', event));
    expect(afterReceipt).not.toContain('queued' satisfies OutboxState);
  });
});

describe('the inbox', () => {
  it.each([
    ['replied', 'replied', 'done'],
    ['silent', 'replied', 'done'],
    ['failed', 'failed', 'done'],
    ['not-sent', 'accepted', 'wait'],
    ['lost', 'running', 'look'],
  ] as const)('after a turn that was %s it is %s, and the next step is %s', (kind, state, step) => {
    expect(afterTurn({ kind, text: 'x', detail: 'd' })).toEqual({ state, step });
  });

  it.each([
    ['absent', 'accepted', 'run'],
    ['running', 'running', 'wait'],
    ['replied', 'replied', 'done'],
    ['silent', 'replied', 'done'],
    ['failed', 'failed', 'done'],
    ['undecidable', 'uncertain', 'done'],
  ] as const)('after a look that showed it %s it is %s, and the next step is %s', (kind, state, step) => {
    expect(afterLook({ kind, text: 'x', detail: 'd' })).toEqual({ state, step });
  });

  it('only ever runs what was surely not handed over', () => {
    expect(stepOf('accepted')).toBe('run');
    expect(stepOf('running')).toBe('look');
    for (const state of ['replied', 'failed', 'expired', 'uncertain', 'cancelled'] satisfies InboxState[]) {
      expect(isFinalInboxState(state)).toBe(true);
      expect(stepOf(state)).toBe('done');
    }
  });
});

describe('taking a message back', () => {
  it.each([
    ['accepted', true],
    ['running', false],
    ['replied', false],
    ['failed', false],
    ['expired', false],
    ['uncertain', false],
    ['cancelled', false],
  ] as const)('while it is %s: %s', (state, can) => {
    expect(isCancellable(state)).toBe(can);
  });
});

describe('the backoff', () => {
  it('doubles from half a second to a minute, and jitter takes off no more than half', () => {
    expect([0, 1, 2, 7, 8, 1000].map((attempts) => backoffMs(attempts, 1))).toEqual([
      500, 1000, 2000, 60_000, 60_000, 60_000,
    ]);
    expect([0, 1, 7].map((attempts) => backoffMs(attempts, 0))).toEqual([250, 500, 30_000]);
  });
});
