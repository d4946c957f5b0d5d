/** Somebody's words in a Markdown document: they end where the document says, and never before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSpan, fenced } from '../../src/core/markdown.ts';
import { propertiesOf } from '../harness/properties.ts';

const property = propertiesOf('words in Markdown');

/** What a reader of Markdown takes for the inside of the first fenced block, and what comes behind it. */
function read(block: string) {
  const [open = '', ...lines] = block.split(/\r\n|\n|\r/);
  const fence = /^(`{3,})[^`]*$/.exec(open)?.[1] ?? '';
  const isEnd = (line: string) =>
    /^ {0,3}(`+)[ \t]*$/.exec(line)?.[1] !== undefined && line.trim().length >= fence.length;
  const end = lines.findIndex(isEnd);
  return { inside: lines.slice(0, end), behind: lines.slice(end + 1) };
}

const lineOf = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((count) => '`'.repeat(count)),
  fc.constantFrom('# heading', '~~~', '   ```', '```js', '', '> quote', '</code>', '````` '),
  fc.string(),
);
const words = fc
  .tuple(fc.array(lineOf), fc.constantFrom('\n', '\r\n', '\r'))
  .map(([lines, end]) => lines.join(end));

describe('a fenced block', () => {
  property(
    'ends with its own last line, whatever the words are',
    fc.property(words, (text) => {
      const { inside, behind } = read(fenced(text));
      expect(behind).toEqual([]);
      const said = text.split(/\r\n|\n|\r/);
      expect(inside).toEqual(/[\r\n]$/.test(text) ? said.slice(0, -1) : said);
    }),
  );

  it('is as plain as it can be', () => {
    expect(fenced('hello')).toBe('```\nhello\n```');
    expect(fenced('{}\n', 'json')).toBe('```json\n{}\n```');
    expect(fenced('```\nover\n```')).toBe('````\n```\nover\n```\n````');
  });

  it('takes very many runs of backticks', () => {
    expect(fenced('` '.repeat(200_000))).toMatch(/^```\n/);
  });
});

describe('a code span', () => {
  it.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`edge', '`` `edge ``'],
    ['edge`', '`` edge` ``'],
    ['two\n\n# lines', '`two # lines`'],
    [' \n', '(nothing)'],
  ])('of %j is %s', (text, span) => {
    expect(codeSpan(text)).toBe(span);
  });
});
