/** Prints the counts of a vitest JSON report as one line; exits non-zero, silently, when there is no usable report. */
import { readFileSync } from 'node:fs';

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

const [report = '', status = ''] = process.argv.slice(2);
try {
  /** @type {TestFile[]} */
  const files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const results = files.flatMap((file) => file.assertionResults.map((result) => result.status));
  const passed = results.filter((result) => result === 'passed').length;
  const failed = results.filter((result) => result === 'failed').length;
  // A file that does not load has no results, and an error outside of any test belongs to none: neither may look fine.
  const broken = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((result) => result.status !== 'failed'),
  );
  const counted = failed + broken.length;
  const allFailed = counted === 0 && status !== '0' ? 1 : counted;
  console.log(`${passed} passed, ${allFailed} failed, ${results.length - passed - failed} skipped`);
} catch {
  process.exit(1);
}
