/** Of backticks in a row. */
function longestRun(text: string): number {
  return [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
}

/**
 * A block of somebody's words. Its fence is longer than any run of backticks in them, so that no line of theirs can end it
 * and go on as the document.
 * @param kind what the words are, for a reader that colours them
 */
export function fenced(text: string, kind = ''): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${kind}\n${text.endsWith('\n') ? text : `${text}\n`}${fence}`;
}

/** Somebody's words within a line: on one line, and as code, so that nothing in them is markup or HTML. */
export function codeSpan(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const mark = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return line === '' ? '(nothing)' : `${mark}${pad}${line}${pad}${mark}`;
}
