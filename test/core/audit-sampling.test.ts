/**
 * Which decisions get a line of their own in the audit log.
 *
 * What a peer was let to do always does. Refusals are anybody's to make and reads a peer's, so of each kind (who, where,
 * why) the first few
 * of a minute are written and the rest is counted; the count is written with the last of them, at the next decision
 * after that minute. Nothing is lost without a number: over all lines, one and what each skipped is how many there were.
 * No input, however hostile, makes more than a set number of lines a minute, and strangers cannot use up a peer's.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampling, SAMPLING, type Sampled, type SampledLine } from '../../src/core/audit-sampling.ts';
import { propertiesOf } from '../harness/properties.ts';

const MINUTE = 60_000;

interface Decision extends Sampled {
  /** As a caller can choose it: never what tells kinds apart. */
  readonly alias?: string;
}

const refusal: Decision = {
  direction: 'inbound',
  surface: 'a2a',
  allowed: false,
  reason: 'token-unknown',
  peer: null,
  nodeId: 'nmallory',
};
const allowed: Decision = { ...refusal, allowed: true, reason: 'accepted', peer: 'bob' };

interface Step {
  readonly decision: Decision;
  readonly at: number;
}

function run(steps: readonly Step[]): readonly SampledLine<Decision>[] {
  const sampling = createSampling<Decision>();
  return [...steps.flatMap(({ decision, at }) => sampling.take(decision, at)), ...sampling.rest()];
}

const times = (count: number, decision: Decision, at = 0): Step[] =>
  Array.from({ length: count }, () => ({ decision, at }));
const decided = (lines: readonly SampledLine<Decision>[]) =>
  lines.reduce((sum, { skipped }) => sum + 1 + skipped, 0);

describe('what is written', () => {
  it('is everything that a peer was allowed, and all that this machine was allowed to ask of one', () => {
    const outbound: Decision = { ...allowed, direction: 'outbound', surface: 'local', nodeId: null };
    const lines = run([...times(300, allowed), ...times(300, outbound)]);
    expect(lines).toHaveLength(600);
    expect(lines.every(({ skipped, several }) => skipped === 0 && !several)).toBe(true);
  });

  it('is every word of the owner on a message that was held', () => {
    for (const reason of ['hold-approved', 'hold-released', 'hold-refused']) {
      const said = { ...allowed, surface: 'local', nodeId: null, allowed: reason !== 'hold-refused', reason };
      expect(run(times(300, said)), reason).toHaveLength(300);
    }
  });

  it('is not every read of a peer, which could else write the rest of the log away', () => {
    const reads = ['allowed', 'repeated'].flatMap((reason) => times(1000, { ...allowed, reason }));
    const lines = run([...reads, ...times(20, { ...allowed, reason: 'cancelled' })]);
    expect(lines.length).toBeLessThan(50);
    expect(lines.filter(({ decision }) => decision.reason === 'cancelled')).toHaveLength(20);
    expect(decided(lines)).toBe(2020);
  });

  it('is the first five refusals of a kind, and then the last with how many were left out', () => {
    const sampling = createSampling<Decision>();
    const flood = Array.from({ length: 1000 }, (_, n) => ({ ...refusal, alias: `a${n}` }));
    const written = flood.flatMap((decision, n) => sampling.take(decision, n));
    expect(written.map(({ decision }) => decision.alias)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
    expect(sampling.take(allowed, MINUTE - 1)).toHaveLength(1);
    expect(sampling.take(allowed, MINUTE)).toEqual([
      { decision: flood[999], at: 999, skipped: 994, several: false },
      { decision: allowed, at: MINUTE, skipped: 0, several: false },
    ]);
  });

  it('begins anew with each minute', () => {
    const lines = run([...times(5, refusal, 0), ...times(5, refusal, MINUTE)]);
    expect(lines.map(({ at, skipped }) => [at, skipped])).toEqual([
      ...Array.from({ length: 5 }, () => [0, 0]),
      ...Array.from({ length: 5 }, () => [MINUTE, 0]),
    ]);
  });

  it('is told when the minute is over even if nothing more comes, once', () => {
    const sampling = createSampling<Decision>();
    for (const { decision } of times(7, refusal)) sampling.take(decision, 10);
    expect(sampling.ended(MINUTE + 9)).toEqual([]);
    expect(sampling.ended(MINUTE + 10)).toEqual([{ decision: refusal, at: 10, skipped: 1, several: false }]);
    expect(sampling.ended(3 * MINUTE)).toEqual([]);
    expect(sampling.rest()).toEqual([]);
  });

  it('is told at the end too, before the minute is over', () => {
    const lines = run(times(9, refusal));
    expect(lines.at(-1)).toEqual({ decision: refusal, at: 0, skipped: 3, several: false });
  });

  it('goes on when the clock went back: no minute lasts for an hour', () => {
    const lines = run([...times(8, refusal, 60 * MINUTE), ...times(5, refusal, 0)]);
    expect(lines.map(({ at, skipped }) => [at, skipped])).toEqual([
      ...Array.from({ length: 5 }, () => [60 * MINUTE, 0]),
      [60 * MINUTE, 2],
      ...Array.from({ length: 5 }, () => [0, 0]),
    ]);
  });
});

describe('a kind', () => {
  it.each<[string, Partial<Decision>]>([
    ['another node', { nodeId: 'ncarol' }],
    ['another reason', { reason: 'token-missing' }],
    ['another surface', { surface: 'tools-invoke' }],
    ['an unknown node', { nodeId: null }],
    ['a peer', { peer: 'bob' }],
    ['this machine', { direction: 'outbound' }],
  ])('is another for %s', (_what, other) => {
    const sampling = createSampling<Decision>();
    for (const { decision } of times(50, refusal)) sampling.take(decision, 0);
    expect(sampling.take({ ...refusal, ...other }, 0)).toHaveLength(1);
  });

  it('is the same whatever else the caller chose, and of a peer whatever node it came from', () => {
    const ofBob = { ...refusal, peer: 'bob', reason: 'node-mismatch' };
    const flood = Array.from({ length: 100 }, (_, n) => ({ ...ofBob, alias: `a${n}`, nodeId: `n${n}` }));
    expect(run(flood.map((decision) => ({ decision, at: 0 })))).toHaveLength(6);
  });

  it('is also what anyone may read without being a peer', () => {
    const liveness: Decision = { ...refusal, surface: 'health', allowed: true, reason: 'allowed' };
    expect(run(times(1000, liveness)).map(({ skipped }) => skipped)).toEqual([0, 0, 0, 0, 0, 994]);
  });
});

describe('too many kinds', () => {
  const kinds = (count: number): Step[] =>
    Array.from({ length: count }, (_, n) => ({ decision: { ...refusal, nodeId: `n${n}` }, at: n % MINUTE }));

  it('fall into one count, which is nobody’s', () => {
    const lines = run(kinds(10_000));
    const [several, ...more] = lines.filter((line) => line.several);
    expect(more).toEqual([]);
    expect(several?.skipped).toBeGreaterThan(9_000);
    expect(decided(lines)).toBe(10_000);
  });

  it('are more than the limit, and not as many', () => {
    const sampling = createSampling<Decision>({ windowMs: MINUTE, ofKind: 1, kinds: 2, lines: 10 });
    const flood = ['n1', 'n2', 'n3', 'n4'].flatMap((nodeId) => times(3, { ...refusal, nodeId }));
    expect(flood.flatMap(({ decision }) => sampling.take(decision, 0))).toHaveLength(3);
    expect(
      sampling.rest().map(({ decision, skipped, several }) => [decision.nodeId, skipped, several]),
    ).toEqual([
      ['n1', 1, false],
      ['n2', 1, false],
      ['n4', 4, true],
    ]);
  });

  it('of strangers leave peers and this machine all their lines', () => {
    const ofBob = { ...refusal, peer: 'bob' };
    const local: Decision = { ...refusal, direction: 'outbound', surface: 'local' };
    const lines = run([...kinds(10_000), ...times(1, ofBob, 500), ...times(1, local, 500)]);
    const own = lines.filter(({ decision }) => decision === ofBob || decision === local);
    expect(own.map(({ skipped, several }) => [skipped, several])).toEqual([
      [0, false],
      [0, false],
    ]);
  });

  it('of made-up peers on this machine leave those of real peers theirs', () => {
    const made = Array.from({ length: 1000 }, (_, n): Step => {
      return { decision: { ...refusal, direction: 'outbound', surface: 'local', peer: `p${n}` }, at: 0 };
    });
    const ofBob = { ...refusal, peer: 'bob' };
    expect(run([...made, ...times(1, ofBob)]).filter(({ decision }) => decision === ofBob)).toHaveLength(1);
  });

  it('has room for the summaries of one minute in the lines of the next', () => {
    expect(SAMPLING.kinds + 1).toBeLessThan(SAMPLING.lines);
  });
});

describe('properties', () => {
  const property = propertiesOf('audit sampling');
  const word = fc.constantFrom('one', 'two', 'three', 'four', 'five', 'six', 'seven');
  const decision = fc.record({
    direction: fc.constantFrom('inbound' as const, 'outbound' as const),
    surface: word,
    allowed: fc.boolean(),
    reason: fc.oneof(word, fc.constant('accepted')),
    peer: fc.option(word, { nil: null }),
    nodeId: fc.option(fc.oneof(word, fc.string()), { nil: null }),
  });
  const step = fc.record({ decision, at: fc.integer({ min: 0, max: 5 * MINUTE }) });
  const history = fc.array(step, { maxLength: 300 });
  const inOrder = history.map((steps) => [...steps].sort((a, b) => a.at - b.at));
  /** Hostile: a few refused callers with as many kinds as they can make. */
  const flood = fc
    .array(fc.tuple(fc.nat(400), fc.nat(150)), { minLength: 300, maxLength: 900 })
    .map((all) => all.map(([kind, second]) => ({ kind, at: second * 1000 })).sort((a, b) => a.at - b.at));

  property(
    'no decision is lost without a number, even when the clock jumps',
    fc.property(history, (steps) => {
      expect(decided(run(steps))).toBe(steps.length);
    }),
  );

  property(
    'no more than the set number of lines come in a minute, however many kinds there are',
    fc.property(flood, (all) => {
      const sampling = createSampling<Decision>();
      const written = all.flatMap(({ kind, at }) => sampling.take({ ...refusal, nodeId: `n${kind}` }, at));
      const windows = Math.floor(((all.at(-1)?.at ?? 0) - (all[0]?.at ?? 0)) / MINUTE) + 1;
      expect(written.length).toBeLessThanOrEqual(windows * SAMPLING.lines);
    }),
    200,
  );

  property(
    'what a peer was allowed has a line of its own, at its time, in its order',
    fc.property(inOrder, (steps) => {
      const isAllowed = (one: Decision) => one.allowed && one.peer !== null && one.reason === 'accepted';
      const lines = run(steps).filter((line) => isAllowed(line.decision));
      expect(lines).toEqual(
        steps.filter((one) => isAllowed(one.decision)).map((one) => ({ ...one, skipped: 0, several: false })),
      );
    }),
  );

  property(
    'a line says only what was decided, and when',
    fc.property(inOrder, (steps) => {
      for (const line of run(steps)) {
        expect(steps.some((one) => one.decision === line.decision && one.at === line.at)).toBe(true);
        expect(line.skipped).toBeGreaterThanOrEqual(0);
      }
    }),
    200,
  );
});
