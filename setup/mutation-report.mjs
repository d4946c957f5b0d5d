/** What a mutation run showed, as counts and as the list of mutants that no test noticed. */

/** @typedef {{ line: number, column: number }} Position both from 1 */
/**
 * @typedef {object} Mutant
 * @property {string} mutatorName
 * @property {string} [replacement]
 * @property {string} status
 * @property {{ start: Position, end: Position }} location
 */
/** As Stryker's JSON has them. @typedef {Record<string, { source: string, mutants: Mutant[] }>} Files */
/** A mutant, told by what a reader of the file sees: line numbers would change with every edit above it. */
/** @typedef {{ file: string, mutator: string, line: string, mutation: string }} Survivor */
/** @typedef {Survivor & { reason: string }} Reason */
/** @typedef {{ file: string, mutants: number, killed: number, timeout: number, survived: number, noCoverage: number, errors: number }} Counts */

/** `Ignored` too: a comment in the code must not hide a mutant. A mutant that could not be run proves nothing either. */
const UNNOTICED = ['Survived', 'NoCoverage', 'Ignored', 'CompileError', 'RuntimeError'];
const LONGEST = 160;

/** @param {string} text */
function onOneLine(text) {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/**
 * @param {string[]} lines
 * @param {{ start: Position, end: Position }} location
 */
function textAt(lines, { start, end }) {
  const inside = lines.slice(start.line - 1, end.line);
  const last = inside.length - 1;
  inside[last] = (inside[last] ?? '').slice(0, end.column - 1);
  inside[0] = (inside[0] ?? '').slice(start.column - 1);
  return inside.join('\n');
}

/**
 * @param {Files} files
 * @returns {Survivor[]} in the order of the files and of what stands in them
 */
export function survivorsOf(files) {
  return Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, { source, mutants }]) => {
      const lines = source.split('\n');
      return mutants
        .filter(({ status }) => UNNOTICED.includes(status))
        .sort((a, b) => a.location.start.line - b.location.start.line)
        .map(({ mutatorName, replacement = '', location }) => ({
          file,
          mutator: mutatorName,
          line: (lines[location.start.line - 1] ?? '').trim(),
          mutation: `${onOneLine(textAt(lines, location))} -> ${onOneLine(replacement)}`,
        }));
    });
}

/** @param {Survivor} survivor */
const keyOf = ({ file, mutator, line, mutation }) => JSON.stringify([file, mutator, line, mutation]);

/**
 * @param {Survivor[]} survivors
 * @param {Reason[]} reasons
 */
export function judgeSurvivors(survivors, reasons) {
  const explained = new Set(reasons.filter(({ reason }) => reason.trim() !== '').map(keyOf));
  const alive = new Set(survivors.map(keyOf));
  return {
    unexplained: survivors.filter((survivor) => !explained.has(keyOf(survivor))),
    outdated: reasons.filter((reason) => !alive.has(keyOf(reason))),
  };
}

/**
 * @param {Files} files
 * @returns {Counts[]}
 */
export function fileCounts(files) {
  return Object.entries(files)
    .map(([file, { mutants }]) => {
      /** @param {string[]} statuses */
      const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
      return {
        file,
        mutants: mutants.length,
        killed: count('Killed'),
        timeout: count('Timeout'),
        survived: count('Survived', 'Ignored'),
        noCoverage: count('NoCoverage'),
        errors: count('CompileError', 'RuntimeError'),
      };
    })
    .filter(({ mutants }) => mutants > 0)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** @param {Counts} counts */
function scoreOf({ mutants, killed, timeout, errors }) {
  return mutants === errors ? '-' : `${(((killed + timeout) / (mutants - errors)) * 100).toFixed(1)} %`;
}

/** @param {Counts} counts */
function row(counts) {
  const { file, mutants, killed, timeout, survived, noCoverage, errors } = counts;
  const cells = [file, mutants, killed, timeout, survived, noCoverage, errors, scoreOf(counts)];
  return `| ${cells.join(' | ')} |`;
}

/**
 * @param {Counts[]} counts
 * @returns {Counts}
 */
function totalOf(counts) {
  /** @param {Exclude<keyof Counts, 'file'>} name */
  const sum = (name) => counts.reduce((all, one) => all + one[name], 0);
  return {
    file: 'all',
    mutants: sum('mutants'),
    killed: sum('killed'),
    timeout: sum('timeout'),
    survived: sum('survived'),
    noCoverage: sum('noCoverage'),
    errors: sum('errors'),
  };
}

/**
 * The report that is kept in docs. It has no date and no durations, so that it changes only with what it reports.
 * @param {Counts[]} counts
 * @param {Survivor[]} survivors
 * @param {Reason[]} reasons
 */
export function reportOf(counts, survivors, reasons) {
  const why = new Map(reasons.map((reason) => [keyOf(reason), reason.reason]));
  const told = survivors.map((survivor) => {
    const { file, mutator, line, mutation } = survivor;
    return `- \`${file}\`, ${mutator}: \`${mutation}\` in \`${line}\`\n  ${why.get(keyOf(survivor)) ?? '**Not explained.**'}`;
  });
  return [
    '# Mutation report',
    '',
    'Written by `npm run test:mutation`: each mutant is `src/core` with one thing in it broken, and is killed when a test in',
    '`test/core` fails because of it. What survives must have its reason in `test/core/mutation-survivors.json`.',
    '',
    '| file | mutants | killed | timeout | survived | no coverage | errors | score |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...[...counts, totalOf(counts)].map(row),
    '',
    '## Survivors',
    '',
    ...(told.length === 0 ? ['None.'] : told),
    '',
  ].join('\n');
}
