import { parsed, problem, type Parsed } from './parsed.ts';

const DAY_MS = 86_400_000;
const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', DAY_MS],
  ['w', 7 * DAY_MS],
]);

/** Ten years. What is longer is a mistake in the unit; who means "for ever" names no duration. */
export const DURATION_LIMIT_MS = 3_650 * DAY_MS;

const DURATION = /^[1-9]\d{0,8}[a-z]$/;
const FIX = 'Use a number and one of s, m, h, d, w, for example 30m, 12h or 7d; at most 3650d';

/** A duration as a person writes it, in milliseconds: one whole number and its unit. */
export function parseDuration(raw: string, where = 'duration'): Parsed<number> {
  const unitMs = UNITS_MS.get(raw.slice(-1));
  if (unitMs === undefined || !DURATION.test(raw)) return problem(where, 'is not a duration', FIX);
  const ms = Number(raw.slice(0, -1)) * unitMs;
  return ms > DURATION_LIMIT_MS ? problem(where, 'is longer than 3650 days', FIX) : parsed(ms);
}

function parts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** For a person or a model, rounded: `45 s`, `10 min`, `1 h 58 min`, `3 d 4 h`. */
export function roughDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return parts(Math.floor(hours / 24), 'd', hours % 24, 'h');
}
