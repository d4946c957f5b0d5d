import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/core/backoff.ts';
import type { ReplyHold } from '../../src/core/hold.ts';
import {
  INBOX_STATES,
  isAtRest,
  isCancellable,
  isFinalInboxState,
  nextInbox,
  stepOf,
  type InboxEvent,
  type InboxState,
} from '../../src/core/inbox.ts';
import {
  countsFor,
  isFinalOutboxState,
  nextOutboxState,
  OUTBOX_STATES,
  outboxStep,
  type OutboxEvent,
  type OutboxState,
} from '../../src/core/outbox.ts';

const UNTIL = 1_800_000_000_000;
const HOLD: ReplyHold = { reason: 'grant', until: UNTIL };

const OUTBOX_EVENTS = {
  receipt: { kind: 'receipt', taskId: 't' },
  'receipt of one that is held there': { kind: 'receipt', taskId: 't', held: 'grant' },
  reply: { kind: 'replied', taskId: 't', reply: 'yes' },
  'reply to be looked at': { kind: 'replied', taskId: 't', reply: 'yes', holdUntil: UNTIL },
  'no reply, and nothing to look at': { kind: 'replied', taskId: 't', reply: null, holdUntil: UNTIL },
  refusal: { kind: 'refused', reason: 'alias-not-granted', detail: 'd' },
  failure: { kind: 'failed', detail: 'd' },
  uncertainty: { kind: 'uncertain', detail: 'd' },
  'lost attempt': { kind: 'not-delivered', detail: 'd' },
  end: { kind: 'expired' },
  yes: { kind: 'approved' },
  release: { kind: 'released' },
  no: { kind: 'hold-refused', note: 'n' },
  cancel: { kind: 'cancelled' },
  'cancel at the peer': { kind: 'cancelled-there', taskId: 't' },
} as const satisfies Record<string, OutboxEvent>;
type OutboxWord = keyof typeof OUTBOX_EVENTS;

/** What each event makes of each state that is not final; where none is said, the state stays. */
const OUTBOX_MOVES: Readonly<Record<string, Readonly<Partial<Record<OutboxWord, OutboxState>>>>> = {
  held: { end: 'expired', yes: 'queued', no: 'refused', cancel: 'cancelled' },
  queued: {
    receipt: 'accepted',
    'receipt of one that is held there': 'accepted',
    reply: 'answered',
    'reply to be looked at': 'reply-held',
    'no reply, and nothing to look at': 'answered',
    refusal: 'refused',
    failure: 'failed',
    uncertainty: 'uncertain',
    end: 'expired',
    cancel: 'cancelled',
    'cancel at the peer': 'cancelled',
  },
  accepted: {
    reply: 'answered',
    'reply to be looked at': 'reply-held',
    'no reply, and nothing to look at': 'answered',
    refusal: 'refused',
    failure: 'failed',
    uncertainty: 'uncertain',
    end: 'expired',
    'cancel at the peer': 'cancelled',
  },
  'reply-held': { end: 'expired', yes: 'answered', no: 'refused' },
};

describe('the outbox', () => {
  const cells = OUTBOX_STATES.flatMap((state) =>
    (Object.keys(OUTBOX_EVENTS) as OutboxWord[]).map(
      (word) => [state, word, OUTBOX_MOVES[state]?.[word] ?? state] as const,
    ),
  );
  it.each(cells)('in %s, after a %s, is %s', (state, word, expected) => {
    expect(nextOutboxState(state, OUTBOX_EVENTS[word])).toBe(expected);
  });

  it('says what is to be done next, and nothing for what is over', () => {
    expect(OUTBOX_STATES.map((state) => [state, outboxStep(state)])).toEqual([
      ['held', 'ask-person'],
      ['queued', 'hand-over'],
      ['accepted', 'ask-peer'],
      ['reply-held', 'ask-person'],
      ...['answered', 'refused', 'failed', 'expired', 'uncertain', 'cancelled'].map((state) => [
        state,
        'nothing',
      ]),
    ]);
    expect(OUTBOX_STATES.filter(isFinalOutboxState)).toEqual(OUTBOX_STATES.slice(4));
  });

  it('lets a chain begin anew only where the peer has the message', () => {
    const { release } = OUTBOX_EVENTS;
    expect(OUTBOX_STATES.filter((state) => countsFor(state, release))).toEqual(['accepted']);
  });

  it('never takes a receipt back', () => {
    const after = Object.values(OUTBOX_EVENTS).map((event) => nextOutboxState('accepted', event));
    expect(after).not.toContain('queued' satisfies OutboxState);
    expect(after).not.toContain('held' satisfies OutboxState);
  });
});

const turn = (outcome: Extract<InboxEvent, { kind: 'turn' }>['outcome'], hold: ReplyHold | null = null) =>
  ({ kind: 'turn', outcome, hold }) as const;
const look = (trace: Extract<InboxEvent, { kind: 'look' }>['trace'], hold: ReplyHold | null = null) =>
  ({ kind: 'look', trace, hold }) as const;
const text = 'yes';
const detail = 'd';

const INBOX_EVENTS = {
  begin: { kind: 'begun' },
  'turn that replied': turn({ kind: 'replied', text }),
  'turn whose reply is to be looked at': turn({ kind: 'replied', text }, HOLD),
  'turn that said nothing, and nothing to look at': turn({ kind: 'silent' }, HOLD),
  'turn that failed': turn({ kind: 'failed', detail }),
  'turn that was not sent': turn({ kind: 'not-sent', detail }),
  'turn that was lost': turn({ kind: 'lost', detail }),
  'look that shows no trace': look({ kind: 'absent' }),
  'look that shows it running': look({ kind: 'running' }),
  'look that shows a reply': look({ kind: 'replied', text }),
  'look that shows a reply to be looked at': look({ kind: 'replied', text }, HOLD),
  'look that shows silence': look({ kind: 'silent' }, HOLD),
  'look that shows a failure': look({ kind: 'failed', detail }),
  'look that cannot tell': look({ kind: 'undecidable', detail }),
  yes: { kind: 'approved' },
  no: { kind: 'hold-refused', note: 'n' },
  cancel: { kind: 'cancelled', detail: null },
  end: { kind: 'expired' },
} as const satisfies Record<string, InboxEvent>;
type InboxWord = keyof typeof INBOX_EVENTS;
type Move = readonly [state: InboxState, step: string];

/** What each event makes of each state that is not final, and the next step; nothing where none is said. */
const INBOX_MOVES: Readonly<Record<string, Readonly<Partial<Record<InboxWord, Move>>>>> = {
  held: {
    yes: ['accepted', 'run'],
    no: ['refused', 'done'],
    cancel: ['cancelled', 'done'],
    end: ['expired', 'done'],
  },
  accepted: { begin: ['running', 'look'], cancel: ['cancelled', 'done'], end: ['expired', 'done'] },
  running: {
    'turn that replied': ['replied', 'done'],
    'turn whose reply is to be looked at': ['reply-held', 'ask-person'],
    'turn that said nothing, and nothing to look at': ['replied', 'done'],
    'turn that failed': ['failed', 'done'],
    'turn that was not sent': ['accepted', 'wait'],
    'turn that was lost': ['running', 'look'],
    'look that shows no trace': ['accepted', 'run'],
    'look that shows it running': ['running', 'wait'],
    'look that shows a reply': ['replied', 'done'],
    'look that shows a reply to be looked at': ['reply-held', 'ask-person'],
    'look that shows silence': ['replied', 'done'],
    'look that shows a failure': ['failed', 'done'],
    'look that cannot tell': ['uncertain', 'done'],
  },
  'reply-held': { yes: ['replied', 'done'], no: ['refused', 'done'], end: ['expired', 'done'] },
};

describe('the inbox', () => {
  const cells = INBOX_STATES.flatMap((state) =>
    (Object.keys(INBOX_EVENTS) as InboxWord[]).map(
      (word) => [state, word, INBOX_MOVES[state]?.[word] ?? null] as const,
    ),
  );
  it.each(cells)('in %s, after a %s, is %s', (state, word, expected) => {
    const move = nextInbox(state, INBOX_EVENTS[word]);
    expect(move === null ? null : [move.state, move.step]).toEqual(expected);
  });

  it('only ever runs what was surely not handed over, and asks a person about what is held', () => {
    expect(INBOX_STATES.map((state) => [state, stepOf(state)])).toEqual([
      ['held', 'ask-person'],
      ['accepted', 'run'],
      ['running', 'look'],
      ['reply-held', 'ask-person'],
      ...['replied', 'refused', 'failed', 'expired', 'uncertain', 'cancelled'].map((state) => [
        state,
        'done',
      ]),
    ]);
    expect(INBOX_STATES.filter(isFinalInboxState)).toEqual(INBOX_STATES.slice(4));
  });

  it('lets be taken back only what the gateway cannot have seen', () => {
    expect(INBOX_STATES.filter(isCancellable)).toEqual(['held', 'accepted']);
  });
});

describe('a wait for the reply', () => {
  it('ends when the message is over, or with a person', () => {
    const open = ['accepted', 'running'];
    expect(INBOX_STATES.filter((state) => !isAtRest(state))).toEqual(open);
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
