import { randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from './ports/machine.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** `randomInt` draws every letter with the same chance; a byte modulo 36 would favour the first four. */
function word(length: number): string {
  return Array.from({ length }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Random = { uuid: () => randomUUID(), word, fraction: () => Math.random() };
