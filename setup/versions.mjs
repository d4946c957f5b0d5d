/** Comparing version numbers as programs print them. */

/**
 * The first dotted number in a text, e.g. "go version go1.26.8 linux/amd64" gives [1, 26, 8].
 * @param {string} text
 * @returns {number[] | undefined}
 */
export function parseVersion(text) {
  const found = /\d+(?:\.\d+)+/u.exec(text);
  return found?.[0].split('.').map(Number);
}

/**
 * @param {number[] | undefined} version
 * @param {number[]} minimum
 */
export function atLeast(version, minimum) {
  if (version === undefined) return false;
  for (const [index, wanted] of minimum.entries()) {
    const have = version[index] ?? 0;
    if (have !== wanted) return have > wanted;
  }
  return true;
}

/**
 * The project runs on Node 24 from 24.16, and on 26.1 or later; odd and older lines are not enough.
 * @param {string} text
 */
export function nodeIsNewEnough(text) {
  const version = parseVersion(text);
  if (version?.[0] === 24) return atLeast(version, [24, 16]);
  return atLeast(version, [26, 1]);
}
