/** The plan of a soak comes again with its seed, and has in it what a soak must have. */
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, makePlan } from '../../src/lab/soak/plan.ts';

const SEEDS = Array.from({ length: 50 }, (_, index) => index * 7919);

describe('the plan of a soak', () => {
  it('is the same for the same seed and length, and another for another seed', () => {
    expect(makePlan(6, 3)).toEqual(makePlan(6, 3));
    expect(makePlan(6, 3).messages).not.toEqual(makePlan(7, 3).messages);
    expect(makePlan(6, 3).faults).not.toEqual(makePlan(7, 3).faults);
  });

  it('has 1,000 messages in half an hour and 150 in three minutes, with some to spare', () => {
    expect([makePlan(1, 30).atLeast, makePlan(1, 3).atLeast]).toEqual([1000, 150]);
    for (const minutes of [3, 30]) {
      const { messages, atLeast } = makePlan(1, minutes);
      expect(messages.length).toBeGreaterThan(atLeast);
    }
  });

  it.each(SEEDS)(
    'has with seed %i every fault, within its time, and no two texts that are the same',
    (seed) => {
      const { messages, faults, lengthMs } = makePlan(seed, 3);
      expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
      expect(faults.every(({ atMs, forMs }) => atMs + forMs <= lengthMs)).toBe(true);
      expect(messages.every(({ atMs }) => atMs >= 0 && atMs <= lengthMs)).toBe(true);
      expect(new Set(messages.map(({ text }) => text)).size).toBe(messages.length);
    },
  );

  it.each(SEEDS)(
    'sends with seed %i both ways, nothing while it is quiet, and what makes the model slow, silent and long',
    (seed) => {
      const { messages, faults } = makePlan(seed, 3);
      const quiet = faults.filter(({ kind }) => kind === 'quiet');
      const within = quiet.flatMap(({ atMs, forMs }) =>
        messages.filter((message) => message.atMs > atMs && message.atMs < atMs + forMs),
      );
      expect(within).toEqual([]);
      for (const from of ['a', 'b'])
        expect(messages.filter((message) => message.from === from).length).toBeGreaterThan(40);
      for (const words of [/wait \d seconds/, /NO_REPLY please/, /answer with \d+ characters/])
        expect(messages.filter(({ text }) => words.test(text)).length).toBeGreaterThan(3);
    },
  );
});
