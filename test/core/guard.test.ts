import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUDGETS,
  chainHop,
  DAY_MS,
  guard,
  hopAfter,
  HOUR_MS,
  nextHop,
  RECENT_MS,
  TOLD_MS,
  type Load,
} from '../../src/core/guard.ts';
import {
  covers,
  HOLD_REASONS,
  isHoldReason,
  isOwnersReason,
  keepsSecrets,
  messageHold,
  replyHold,
} from '../../src/core/hold.ts';
import { HOLDS } from '../../src/core/grant.ts';
import { propertiesOf } from '../harness/properties.ts';
import { NO_LOAD, ROOMY } from '../harness/budgets.ts';

const holds = propertiesOf('the guard');
const budgets = { turnsPerHour: 3, turnsPerDay: 5, turnsPerConversation: 4, bytesPerDay: 100 };

describe('the loop guard', () => {
  it('lets through what the documented budgets say: 20 turns an hour, 60 a day, 30 a conversation, 4 MiB a day', () => {
    expect(BUDGETS).toEqual({
      turnsPerHour: 20,
      turnsPerDay: 60,
      turnsPerConversation: 30,
      bytesPerDay: 4_194_304,
    });
    expect([HOUR_MS, DAY_MS]).toEqual([3_600_000, 86_400_000]);
    expect([RECENT_MS, TOLD_MS]).toEqual([60_000, 600_000]);
  });

  it.each<[string, Partial<Load>, string | null]>([
    ['a first message', {}, null],
    ['the last of an hour', { lastHour: 2 }, null],
    ['one more', { lastHour: 3 }, 'turns-per-hour'],
    ['the last of a day', { lastDay: 4 }, null],
    ['one more', { lastDay: 5 }, 'turns-per-day'],
    ['the last of a conversation', { ofConversation: 3 }, null],
    ['one more', { ofConversation: 4 }, 'turns-per-conversation'],
    ['the last within the bytes', { bytesLastDay: 99 }, null],
    ['one beyond them', { bytesLastDay: 100 }, 'bytes-per-day'],
    ['one after four machines', { hop: 4 }, null],
    ['one after five', { hop: 5 }, 'hop-limit'],
    ['one whose count is not known', { lastHour: Number.NaN }, 'turns-per-hour'],
    ['one whose hop is not known', { hop: Number.NaN }, 'hop-limit'],
  ])('after %s %j: %s', (_what, over, expected) => {
    expect(guard({ ...NO_LOAD, ...over }, budgets)).toBe(expected);
  });

  it('names the hops last: what a new chain would not be held for must not hide what it would', () => {
    expect(guard({ ...NO_LOAD, hop: 9, bytesLastDay: 100 }, budgets)).toBe('bytes-per-day');
    expect(guard({ ...NO_LOAD, hop: 9 }, ROOMY)).toBe('hop-limit');
  });

  it('counts for a peer that counts nothing: what it was told just now is what it follows', () => {
    expect([null, 0, 1, 4].map(hopAfter)).toEqual([0, 1, 2, 5]);
  });

  holds(
    'stops every chain that only goes on, whatever it is told of conversations',
    fc.property(
      fc.array(fc.constantFrom('known', 'guessed', 'both'), { minLength: 5, maxLength: 5 }),
      (ways) => {
        let hop = nextHop({ ofConversation: null, ofRecent: null });
        expect(hop).toBe(0);
        for (const way of ways) {
          expect(guard({ ...NO_LOAD, hop }, ROOMY)).toBeNull();
          hop = nextHop({
            ofConversation: way === 'guessed' ? null : hop,
            ofRecent: way === 'known' ? null : hop,
          });
        }
        expect(guard({ ...NO_LOAD, hop }, ROOMY)).toBe('hop-limit');
      },
    ),
  );
});

describe('the hop of a new message', () => {
  it.each([
    [null, null, 0],
    [0, null, 1],
    [null, 2, 3],
    [1, 3, 4],
    [3, 1, 4],
  ])('after %s in its conversation and %s lately is %s', (ofConversation, ofRecent, hop) => {
    expect(nextHop({ ofConversation, ofRecent })).toBe(hop);
  });
});

describe('the hop of a chain', () => {
  it('begins anew with what a person let go on', () => {
    expect(chainHop({ hop: 4, isReleased: false })).toBe(4);
    expect(chainHop({ hop: 4, isReleased: true })).toBe(0);
  });
});

describe('a hold', () => {
  it('covers its own way, or both', () => {
    const covered = HOLDS.map((hold) => [covers(hold, 'inbound'), covers(hold, 'outbound')]);
    expect(Object.fromEntries(HOLDS.map((hold, i) => [hold, covered[i]]))).toEqual({
      none: [false, false],
      inbound: [true, false],
      outbound: [false, true],
      both: [true, true],
      secrets: [false, false],
    });
  });

  it('of any grant with a peer covers the replies that go that way', () => {
    expect(replyHold([], 'outbound', false)).toBeNull();
    expect(replyHold([{ hold: 'none' }, { hold: 'inbound' }], 'outbound', false)).toBeNull();
    expect(replyHold([{ hold: 'none' }, { hold: 'outbound' }], 'outbound', false)).toBe('grant');
  });

  it('of secrets covers what goes out and looks like one, whichever grant says so, and the stricter wins', () => {
    const [none, outbound, secrets] = [{ hold: 'none' }, { hold: 'outbound' }, { hold: 'secrets' }] as const;
    expect(keepsSecrets([none, secrets])).toBe(true);
    expect(keepsSecrets([none, outbound, { hold: 'both' }, { hold: 'inbound' }])).toBe(false);
    const outward = (looksSecret: boolean) => [
      messageHold(secrets, looksSecret),
      messageHold(none, looksSecret),
      messageHold(outbound, looksSecret),
      replyHold([none, secrets], 'outbound', looksSecret),
      replyHold([secrets, outbound], 'outbound', looksSecret),
      replyHold([none], 'outbound', looksSecret),
    ];
    expect(outward(true)).toEqual(['looks-secret', 'looks-secret', 'grant', 'looks-secret', 'grant', null]);
    expect(outward(false)).toEqual([null, null, 'grant', null, 'grant', null]);
    expect(replyHold([secrets], 'inbound', true)).toBeNull();
  });

  it('has reasons that are told apart from all other words', () => {
    expect(HOLD_REASONS.every(isHoldReason)).toBe(true);
    expect(['', 'reply', 'Grant', 'toString'].filter(isHoldReason)).toEqual([]);
    expect(HOLD_REASONS.filter(isOwnersReason)).toEqual(['grant', 'looks-secret']);
  });
});
