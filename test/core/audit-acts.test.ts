import { expect, it } from 'vitest';
import { createSampling, SAMPLING, type Sampled } from '../../src/core/audit-sampling.ts';

const refused: Sampled = {
  direction: 'inbound',
  surface: 'a2a',
  allowed: false,
  reason: 'accepted',
  peer: 'bob',
  nodeId: 'nbob',
};

/** Lines of a hundred such decisions in one minute. */
function linesOf(decision: Sampled): number {
  const sampling = createSampling();
  return Array.from({ length: 100 }, () => sampling.take(decision, 0)).flat().length;
}

// Whoever finds a way to be refused, or allowed as nobody, with the word of an act must not fill the log by it.
it.each<[string, Sampled, number]>([
  ['an act of a peer', { ...refused, allowed: true }, 100],
  ['a refusal', refused, SAMPLING.ofKind],
  ["the owner's no to what was held", { ...refused, surface: 'local', reason: 'hold-refused' }, 100],
  ['a refusal with the word of the owner', { ...refused, reason: 'hold-refused' }, SAMPLING.ofKind],
  ['an act of nobody', { ...refused, allowed: true, peer: null }, SAMPLING.ofKind],
])('%s, a hundred times in one minute, has the lines that it deserves', (_, decision, lines) => {
  expect(linesOf(decision)).toBe(lines);
});
