import type { SeededRandom } from '../seeded-random.ts';

/** Longer than what a session's history shows of a row, so that a reply that had to be looked up is proved whole. */
const LONG_ANSWER = 9_000;
const WORDS = [
  'report',
  'build',
  'ünïcödé',
  'review',
  'backup',
  'two',
  'tests',
  'red',
  '✓',
  'tonight',
] as const;

/**
 * What one message says: who it is, and for a fixed part of them a word that makes the scripted model take its time, say
 * nothing or say much. A long answer has a length of its own, so that no two of them are the same.
 */
export function textOf(random: SeededRandom, name: string, number: number): string {
  const share = random.int(100);
  if (share < 20) return `${name}: wait ${1 + random.int(4)} seconds`;
  if (share < 30) return `${name}: NO_REPLY please`;
  if (share < 40) return `${name}: answer with ${LONG_ANSWER + number} characters`;
  const words = Array.from({ length: 1 + random.int(60) }, () => random.pick(WORDS));
  return `${name}: ${words.join(' ')}`;
}
