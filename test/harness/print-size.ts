/**
 * One line of `npm test` that says how much was tried. Past the console: Vitest keeps back what a passing test logs
 * when a reporter or `--silent` says so.
 * @param what e.g. `matrix`
 * @param size e.g. `1234 cells`
 */
export function printSize(what: string, size: string): void {
  process.stdout.write(`size  ${what}: ${size}\n`);
}
