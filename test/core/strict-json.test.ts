import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../src/core/strict-json.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseStrictJson', () => {
  it.each([
    'null',
    'true',
    'false',
    '0',
    '-1',
    '1.5e3',
    '0.1',
    '""',
    '[]',
    '{}',
    ' [ 1 , "a" ] ',
    '\t1\n',
    ' "a"\r',
    '{ "a" : null , "b" : { } } ',
    '0e5',
    '-2.2250738585072014e-308',
    '0.00E-7',
    '0.01e-9',
    '"\\u00e9\\n\\ud83d\\ude00"',
    '{"a":{"b":[{"c":null}]},"d":9007199254740991}',
    nested(16),
  ])('reads %s as JSON.parse does', (text) => {
    const read = parseStrictJson(text);
    expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each([
    ['', 1, 'expected a value'],
    ['{"a":1,"a":2}', 8, 'duplicate key'],
    ['{"a":1,"\\u0061":2}', 8, 'duplicate key'],
    ['{"__proto__":1}', 2, '__proto__'],
    ['["\\ud800"]', 2, 'lone surrogate'],
    ['["\\udc00\\ud800"]', 2, 'lone surrogate'],
    ['"a\nb"', 3, 'control character'],
    ['"\\x"', 1, 'malformed escape'],
    ['"a', 1, 'without an end'],
    ['"\\', 1, 'without an end'],
    ['[1,]', 4, 'expected a value'],
    ['{"a":1,}', 8, 'expected a string'],
    ['{a:1}', 2, 'expected a string'],
    ['{"a" 1}', 6, 'expected ":"'],
    ['[1 2]', 4, 'expected "," or "]"'],
    ['[1', 3, 'expected "," or "]"'],
    ['{"a":1', 7, 'expected "," or "}"'],
    ['{}x', 3, 'follows'],
    ['{}/* c */', 3, 'follows'],
    ['\uFEFF{}', 1, 'expected a value'],
    ['NaN', 1, 'expected a value'],
    ['nul', 1, 'expected a value'],
    ['-Infinity', 1, 'expected a value'],
    ['01', 2, 'follows'],
    ['1.', 2, 'follows'],
    ['+1', 1, 'expected a value'],
    ['1e999', 1, 'does not survive'],
    ['-2.22507385850720140e-308', 1, 'does not survive'],
    ['1e-999', 1, 'does not survive'],
    ['0.01e-999', 1, 'does not survive'],
    ['[1e999]', 2, 'does not survive'],
    ['-0', 1, 'does not survive'],
    ['9007199254740993', 1, 'does not survive'],
    ['0.1000000000000000055511151231257827', 1, 'does not survive'],
    [nested(17), 17, 'deeper than 16'],
    ['{"a":'.repeat(17), 81, 'deeper than 16'],
  ])('refuses %j at character %d: %s', (text, at, what) => {
    const read = parseStrictJson(text, 'body');
    expect(read).toMatchObject({ ok: false, problem: { where: `body, character ${at}` } });
    expect(!read.ok && read.problem.what).toContain(what);
  });

  it('makes objects in which no name is there but those that were sent', () => {
    const read = parseStrictJson('{"a":1}');
    expect(read.ok && 'constructor' in (read.value as object)).toBe(false);
  });

  it('takes a long text without running out of stack', () => {
    const long = JSON.stringify({ text: 'a\\"'.repeat(100_000), list: Array(50_000).fill(1) });
    expect(parseStrictJson(long).ok).toBe(true);
  });
});
