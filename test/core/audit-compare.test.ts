/**
 * Two owners hold their audit logs against each other.
 *
 * Each message that one side sent is looked for by its id in the other's log: both have it with the same hash, or the
 * hash differs, or only one has it. What lies outside the time that both logs tell about is not called missing. Each
 * owner has a name of its own for the other, so names are matched by the messages they have in common.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAudits, type Comparison } from '../../src/core/audit-compare.ts';
import type { AuditExtract, ComparedLine } from '../../src/core/audit-messages.ts';
import { findParties } from '../../src/core/audit-parties.ts';
import { propertiesOf } from '../harness/properties.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const hash = (text: string) => `hash of ${text}`;

type Change = Partial<ComparedLine>;

function sent(id: string, second: number, change: Change = {}): ComparedLine {
  return {
    time: at(second),
    direction: 'outbound',
    operation: 'message-submit',
    allowed: true,
    reason: 'accepted',
    peer: 'peer',
    messageId: id,
    textDigest: hash(id),
    ...change,
  };
}

function received(id: string, second: number, change: Change = {}): ComparedLine {
  return sent(id, second, { direction: 'inbound', operation: 'message-send', ...change });
}

/** Anything that shows that a log was kept at that time. */
function kept(second: number): ComparedLine {
  return received('', second, { operation: 'health-read', messageId: null, textDigest: null });
}

const log = (...lines: ComparedLine[]): AuditExtract => ({ peer: 'peer', lines, readAt: null });
const hour = [kept(0), kept(3600)];
const told = ({ messages }: Comparison) => messages.map(({ messageId, outcome }) => [messageId, outcome]);

describe('a message', () => {
  it.each<[string, AuditExtract, AuditExtract, string, boolean]>([
    ['that both have', log(...hour, sent('m', 5)), log(...hour, received('m', 6)), 'same', true],
    ['from the other side', log(...hour, received('m', 6)), log(...hour, sent('m', 5)), 'same', true],
    [
      'that was sent again',
      log(...hour, sent('m', 5)),
      log(...hour, received('m', 6), received('m', 9, { reason: 'repeated' })),
      'same',
      true,
    ],
    [
      'with another hash',
      log(...hour, sent('m', 5)),
      log(...hour, received('m', 6, { textDigest: hash('forged') })),
      'hash-differs',
      false,
    ],
    [
      'with a second hash',
      log(...hour, sent('m', 5)),
      log(...hour, received('m', 6), received('m', 9, { textDigest: hash('forged') })),
      'hash-differs',
      false,
    ],
    [
      'with another hash at first',
      log(...hour, sent('m', 5)),
      log(...hour, received('m', 6, { textDigest: hash('forged') }), received('m', 9)),
      'hash-differs',
      false,
    ],
    [
      'without a hash',
      log(...hour, sent('m', 5, { textDigest: null })),
      log(...hour, received('m', 6, { textDigest: null })),
      'hash-differs',
      false,
    ],
    ['that never came', log(...hour, sent('m', 5)), log(...hour), 'only-here', false],
    ['that they have no word of sending', log(...hour, received('m', 5)), log(...hour), 'only-here', false],
    ['that we have no word of sending', log(...hour), log(...hour, received('m', 5)), 'only-there', false],
    ['that never came here', log(...hour), log(...hour, sent('m', 5)), 'only-there', false],
    [
      'that was refused there',
      log(...hour, sent('m', 5)),
      log(...hour, received('m', 6, { allowed: false, reason: 'alias-not-granted' })),
      'refused',
      true,
    ],
    [
      'that was refused with another hash',
      log(...hour, sent('m', 5)),
      log(...hour, received('m', 6, { allowed: false, reason: 'text-too-long', textDigest: hash('forged') })),
      'hash-differs',
      false,
    ],
    [
      'whose id was tried again with another text, in vain',
      log(...hour, sent('m', 5)),
      log(
        ...hour,
        received('m', 8, { allowed: false, reason: 'message-id-reused', textDigest: hash('other') }),
        received('m', 6),
        received('m', 9, { allowed: false, reason: 'message-id-reused', textDigest: hash('other') }),
      ),
      'same',
      true,
    ],
  ])('%s', (_what, here, there, outcome, agree) => {
    const comparison = compareAudits(here, there);
    expect([told(comparison), comparison.agree]).toEqual([[['m', outcome]], agree]);
  });

  it.each<[string, ComparedLine]>([
    ['an attempt to send that was not taken', sent('m', 5, { allowed: false, reason: 'peer-unknown' })],
    ['a read of a task', received('m', 5, { operation: 'task-read' })],
    ['something else that was asked of them', sent('m', 5, { operation: 'health-read' })],
    ['one that came and says that it went', sent('m', 5, { direction: 'inbound' })],
    ['one that went and says that it came', received('m', 5, { direction: 'outbound' })],
    ['a refused message that nobody sent', received('m', 5, { allowed: false, reason: 'text-too-long' })],
    ['a message of another peer', sent('m', 5, { peer: 'carol' })],
    ['a refusal of nobody known', received('m', 5, { allowed: false, peer: null })],
  ])('is not made of %s', (_what, line) => {
    expect(compareAudits(log(...hour, line), log(...hour)).messages).toEqual([]);
    expect(compareAudits(log(...hour), log(...hour, line)).messages).toEqual([]);
  });

  it('is not the other side’s message of the same id', () => {
    const comparison = compareAudits(log(...hour, sent('m', 5)), log(...hour, sent('m', 5)));
    expect(comparison.messages.map(({ sender, outcome }) => [sender, outcome])).toEqual([
      ['here', 'only-here'],
      ['there', 'only-there'],
    ]);
  });

  it('is told by its first line, also where the newest comes first', () => {
    const forged = { textDigest: hash('forged') };
    const there = log(
      ...hour,
      received('m', 9),
      received('m', 6, forged),
      received('n', 4),
      received('n', 3),
    );
    const { messages } = compareAudits(log(...hour), there);
    expect(messages.map(({ messageId, at: first }) => [messageId, first])).toEqual([
      ['n', Date.parse(at(3))],
      ['m', Date.parse(at(6))],
    ]);
    const [, m] = compareAudits(log(...hour, sent('m', 5), sent('n', 2)), there).messages;
    expect([m?.messageId, m?.outcome]).toEqual(['m', 'hash-differs']);
  });

  it('stands in the order of time, whoever sent it', () => {
    const here = log(...hour, sent('m-3', 30), received('m-2', 21), sent('m-1', 10));
    const there = log(...hour, received('m-3', 31), sent('m-2', 20), received('m-1', 11));
    expect(told(compareAudits(here, there)).map(([id]) => id)).toEqual(['m-1', 'm-2', 'm-3']);
  });

  it('is told with both hashes, the sender’s time, and the reason of a refusal', () => {
    const there = log(
      ...hour,
      received('m', 9, { allowed: false, reason: 'text-too-long', textDigest: 'x' }),
    );
    expect(compareAudits(log(...hour, sent('m', 5)), there).messages).toEqual([
      {
        messageId: 'm',
        sender: 'here',
        outcome: 'hash-differs',
        at: Date.parse(at(5)),
        hereDigest: hash('m'),
        thereDigest: 'x',
        reason: 'text-too-long',
      },
    ]);
    expect(compareAudits(log(...hour, sent('m', 5)), log(...hour)).messages).toMatchObject([
      { hereDigest: hash('m'), thereDigest: null, reason: null },
    ]);
    const turned = compareAudits(there, log(...hour, sent('m', 5))).messages[0];
    expect([turned?.hereDigest, turned?.thereDigest, turned?.sender]).toEqual(['x', hash('m'), 'there']);
  });
});

describe('the time that both tell about', () => {
  it.each<[string, number, number, number]>([
    ['before the other log begins', 99, 100, 200],
    ['after the other log ends', 201, 100, 200],
  ])('does not hold a message from %s', (_what, second, from, until) => {
    const here = log(...hour, sent('m', second), received('n', second));
    const there = log(kept(from), kept(until));
    const { messages, agree, ...span } = compareAudits(here, there);
    expect(messages.map(({ outcome }) => outcome)).toEqual(['outside', 'outside']);
    expect([agree, span]).toEqual([true, { from: Date.parse(at(from)), until: Date.parse(at(until)) }]);
  });

  it.each([100, 200])('holds one from its very edge: second %d', (second) => {
    const comparison = compareAudits(log(...hour, sent('m', second)), log(kept(100), kept(200)));
    expect(told(comparison)).toEqual([['m', 'only-here']]);
  });

  it('goes on to when a log was read, not only to its last line', () => {
    const [here, there] = [log(...hour, sent('m', 300)), log(kept(100), kept(200))];
    expect(told(compareAudits(here, { ...there, readAt: at(300) }))).toEqual([['m', 'only-here']]);
    expect(told(compareAudits(here, { ...there, readAt: at(299) }))).toEqual([['m', 'outside']]);
  });

  it('does not part what both have, however far their clocks are apart', () => {
    const here = log(kept(0), sent('m', 10));
    const there = log(received('m', 5000), kept(6000));
    expect(told(compareAudits(here, there))).toEqual([['m', 'same']]);
  });

  it('is empty for logs of different days', () => {
    const { from, until } = compareAudits(log(kept(0), kept(10)), log(kept(20), kept(30)));
    expect(from).toBeGreaterThan(until);
  });
});

describe('whose messages are compared', () => {
  const [bob, carol, alice] = [{ peer: 'bob' }, { peer: 'carol' }, { peer: 'alice' }];

  it('is known when each log has one peer', () => {
    const found = findParties([kept(1), sent('m', 1, bob)], [received('n', 2, alice), kept(3)], null);
    expect(found).toEqual({ ok: true, value: { here: 'bob', there: 'alice' } });
  });

  it('is found by a message that both have, among those of others', () => {
    const here = [sent('m', 1, bob), sent('n', 2, carol), received('o', 3, carol)];
    const there = [received('m', 1, alice), received('x', 2, carol), sent('n', 2, carol)];
    expect(findParties(here, there, null)).toEqual({ ok: true, value: { here: 'bob', there: 'alice' } });
  });

  it.each<[string, ComparedLine, ComparedLine]>([
    ['sent', sent('m', 1, bob), received('m', 1, alice)],
    ['received', received('m', 1, bob), sent('m', 1, alice)],
  ])('is found by one message that was %s', (_way, ours, theirs) => {
    const found = findParties([ours, sent('n', 2, carol)], [theirs, sent('x', 2, carol)], null);
    expect(found).toEqual({ ok: true, value: { here: 'bob', there: 'alice' } });
  });

  it('is asked for when it cannot be told', () => {
    const here = findParties([sent('m', 1, bob), sent('n', 2, carol)], [sent('x', 1, alice)], null);
    expect(here.ok ? null : here.problem).toEqual({
      where: '--peer',
      what: 'this log has messages of several peers, and it is not clear whose log FILE is',
      fix: 'Name the peer',
    });
    const there = findParties([sent('m', 1, bob)], [sent('x', 1, alice), sent('y', 1, carol)], null);
    expect(there.ok ? null : there.problem).toEqual({
      where: 'FILE',
      what: 'has messages of several peers, and it is not clear which of them is this stack',
      fix: 'Let its owner export it with --peer and their name for you',
    });
  });

  it('is the peer that the owner named', () => {
    const here = [sent('m', 1, bob), sent('n', 2, carol)];
    const there = [received('n', 1, alice)];
    expect(findParties(here, there, 'carol')).toEqual({ ok: true, value: { here: 'carol', there: 'alice' } });
    expect(findParties(here, there, 'bob')).toEqual({ ok: true, value: { here: 'bob', there: 'alice' } });
    const both = [received('m', 1, alice), received('n', 1, { peer: 'dora' })];
    expect(findParties(here, both, 'carol')).toEqual({ ok: true, value: { here: 'carol', there: 'dora' } });
  });

  it('is nobody in a log without messages', () => {
    const nobodys = received('m', 1, { peer: null });
    expect(findParties([], [kept(1), nobodys], null)).toEqual({
      ok: true,
      value: { here: null, there: null },
    });
    const found = findParties([sent('m', 1, bob)], [nobodys, received('m', 1, alice)], null);
    expect(found).toEqual({ ok: true, value: { here: 'bob', there: 'alice' } });
  });
});

describe('properties', () => {
  const property = propertiesOf('comparison of audit logs');
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 30 });
  /** Messages in both directions as both sides wrote them, each within its hour. */
  const exchange = ids.chain((all) =>
    fc.tuple(
      ...all.map((id) => fc.record({ id: fc.constant(id), ours: fc.boolean(), second: fc.nat(3500) })),
    ),
  );
  type Exchange = readonly { readonly id: string; readonly ours: boolean; readonly second: number }[];
  const logsOf = (messages: Exchange) => ({
    here: messages.map(({ id, ours, second }) => (ours ? sent(id, second) : received(id, second + 1))),
    there: messages.map(({ id, ours, second }) => (ours ? received(id, second + 1) : sent(id, second))),
  });
  const one = fc.nat();

  property(
    'what both wrote down agrees',
    fc.property(exchange, (messages) => {
      const { here, there } = logsOf(messages);
      const comparison = compareAudits(log(...here), log(...there));
      expect(comparison.agree).toBe(true);
      expect(comparison.messages.map(({ outcome }) => outcome)).toEqual(messages.map(() => 'same'));
    }),
  );

  property(
    'a line that one side takes away is found, and no other',
    fc.property(exchange, one, (messages, n) => {
      const { here, there } = logsOf(messages);
      const gone = n % messages.length;
      const without = there.filter((_, index) => index !== gone);
      const comparison = compareAudits(log(...hour, ...here), log(...hour, ...without));
      const found = comparison.messages.filter(({ outcome }) => outcome !== 'same');
      expect(found.map(({ messageId, outcome }) => [messageId, outcome])).toEqual([
        [messages[gone]?.id, 'only-here'],
      ]);
      expect(comparison.agree).toBe(false);
    }),
  );

  property(
    'a hash that one side changes is found, and no other',
    fc.property(exchange, one, (messages, n) => {
      const { here, there } = logsOf(messages);
      const changed = there.map((line, index) =>
        index === n % messages.length ? { ...line, textDigest: 'forged' } : line,
      );
      const { messages: all } = compareAudits(log(...hour, ...here), log(...hour, ...changed));
      expect(all.filter(({ outcome }) => outcome !== 'same').map(({ outcome }) => outcome)).toEqual([
        'hash-differs',
      ]);
    }),
  );

  property(
    'both owners come to the same result, with here and there changed about',
    fc.property(exchange, one, one, (messages, n, m) => {
      const { here, there } = logsOf(messages);
      const [one, other] = [
        log(...here.filter((_, index) => index % 7 !== n % 7)),
        log(...there.filter((_, index) => index % 5 !== m % 5)),
      ];
      const turned = { 'only-here': 'only-there', 'only-there': 'only-here' } as Record<string, string>;
      const mine = compareAudits(one, other).messages.map((x) => [x.messageId, x.outcome]);
      const theirs = compareAudits(other, one).messages.map((x) => [
        x.messageId,
        turned[x.outcome] ?? x.outcome,
      ]);
      expect(theirs.sort()).toEqual(mine.sort());
    }),
  );

  property(
    'nothing outside the time of both is called missing',
    fc.property(exchange, fc.nat(3500), fc.nat(3500), (messages, a, b) => {
      const [from, until] = [Math.min(a, b), Math.max(a, b)];
      const { here } = logsOf(messages);
      const { messages: all } = compareAudits(log(...hour, ...here), log(kept(from), kept(until)));
      for (const { outcome, at: instant } of all) {
        const inside = instant >= Date.parse(at(from)) && instant <= Date.parse(at(until));
        expect(outcome).toBe(inside ? 'only-here' : 'outside');
      }
    }),
  );
});
