/** The mutation run itself: Stryker, then whether each mutant that nothing noticed has its reason. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Stryker } from '@stryker-mutator/core';
import { fileCounts, judgeSurvivors, reportOf, survivorsOf } from './mutation-report.mjs';
import { say } from './report.mjs';

const OUTPUT = '.mutation/report.json';
const REASONS = 'test/core/mutation-survivors.json';
const REPORT = 'docs/mutation-report.md';

const only = process.argv.slice(2);
await new Stryker(only.length === 0 ? {} : { mutate: only }).runMutationTest();

const { files } = JSON.parse(readFileSync(OUTPUT, 'utf8'));
/** @type {import('./mutation-report.mjs').Reason[]} */
const reasons = JSON.parse(readFileSync(REASONS, 'utf8')).filter(
  (/** @type {{ file: string }} */ { file }) => only.length === 0 || file in files,
);
const survivors = survivorsOf(files);
const { unexplained, outdated } = judgeSurvivors(survivors, reasons);
for (const { file, line, mutation } of unexplained) say('survivor', `${file}: ${line}\n    ${mutation}`);
for (const { file, line, mutation } of outdated) say('outdated', `${file}: ${line}\n    ${mutation}`);
if (only.length === 0) {
  writeFileSync(REPORT, reportOf(fileCounts(files), survivors, reasons));
  say('report', `written to ${REPORT}`);
}
if (unexplained.length + outdated.length > 0) {
  say(
    'failed',
    `${unexplained.length} mutants survived without a reason in ${REASONS}, ${outdated.length} reasons there have no survivor any more`,
  );
  process.exitCode = 1;
}
