import { describe, expect, it } from 'vitest';
import { DURATION_LIMIT_MS, parseDuration, roughDuration } from '../../src/core/duration.ts';
import { problemLine } from '../../src/core/parsed.ts';

describe('a duration', () => {
  it.each([
    ['1s', 1_000],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['3650d', DURATION_LIMIT_MS],
  ])('%s is %d milliseconds', (raw, ms) => {
    expect(parseDuration(raw)).toEqual({ ok: true, value: ms });
  });

  it.each([
    '',
    '7',
    'd',
    '0d',
    '07d',
    '-7d',
    '+7d',
    '1.5h',
    '7 d',
    ' 7d',
    '7d ',
    '7D',
    '7d12h',
    '1y',
    '7dd',
    '1234567890s',
    '７d',
    '1e3s',
  ])('is not %j', (raw) => {
    expect(parseDuration(raw, 'expiresIn')).toMatchObject({
      ok: false,
      problem: { where: 'expiresIn', what: 'is not a duration' },
    });
  });

  it('is asked for with examples', () => {
    const result = parseDuration('');
    expect(result.ok ? '' : problemLine(result.problem)).toBe(
      'duration: is not a duration. Use a number and one of s, m, h, d, w, for example 30m, 12h or 7d; at most 3650d',
    );
  });

  it.each(['3651d', '522w', '999999999w', '315360001s'])('is not longer than ten years, as %s', (raw) => {
    expect(parseDuration(raw)).toMatchObject({ problem: { what: 'is longer than 3650 days' } });
  });
});

describe('a duration for a reader', () => {
  it.each([
    [0, '0 s'],
    [499, '0 s'],
    [59_400, '59 s'],
    [59_500, '1 min'],
    [90_000, '2 min'],
    [3_569_000, '59 min'],
    [3_570_000, '1 h'],
    [7_197_000, '2 h'],
    [7_080_000, '1 h 58 min'],
    [172_740_000, '47 h 59 min'],
    [172_800_000, '2 d'],
    [273_600_000, '3 d 4 h'],
    [31_536_000_000, '365 d'],
  ])('of %d milliseconds is %s', (ms, said) => {
    expect(roughDuration(ms)).toBe(said);
  });
});
