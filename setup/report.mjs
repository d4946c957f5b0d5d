/** What set-up tells the person: one line a step on stderr, so that stdout stays the lab's own. */

/** A problem that ends set-up: what is wrong and where, then what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} problem
   * @param {string} todo
   */
  constructor(problem, todo) {
    super(`${problem}. ${todo}`);
    this.name = 'SetupError';
  }
}

/**
 * @param {string} step
 * @param {string} text
 */
export function say(step, text) {
  process.stderr.write(`setup  ${step.padEnd(12)} ${text}\n`);
}

/**
 * Lines of some output that say anything, without the control characters of progress bars.
 * @param {string} output
 */
function linesOf(output) {
  return output
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/gu, '')
    .split(/[\r\n]+/u)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * The last line of some output, short enough for one line.
 * @param {string} output
 */
export function lastLine(output) {
  return (linesOf(output).at(-1) ?? '').slice(0, 110);
}

/**
 * The line that says best why a program failed: the first that speaks of an error, else the last.
 * @param {string} output
 */
export function tellingLine(output) {
  const lines = linesOf(output);
  const found = lines.find((line) => /^E: |\berror\b/iu.test(line)) ?? lines.at(-1) ?? 'no output';
  return found.slice(0, 300);
}

/** @param {number} startedAt milliseconds, as from Date.now() */
export function elapsed(startedAt) {
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
