/**
 * `agent-peer` in a process that kills itself before the nth thing that it does to the disk: a file renamed, linked,
 * removed or flushed, a transaction of SQLite's or the end of a connection. Ends by itself when there were fewer.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';

const [nth = '', ...args] = process.argv.slice(2);
let left = Number(nth);

function killable<Name extends string>(
  target: Readonly<Record<Name, (...values: never[]) => unknown>>,
  name: Name,
): void {
  const original = target[name];
  const counted = function (this: unknown, ...values: never[]): unknown {
    // Settings change nothing on the disk.
    const [sql] = values as readonly unknown[];
    if (name !== 'exec' || /COMMIT|wal_checkpoint/.test(String(sql))) left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    return Reflect.apply(original, this, values);
  };
  Object.defineProperty(target, name, { value: counted });
}

for (const name of ['renameSync', 'linkSync', 'rmSync', 'fsyncSync'] as const) killable(fs, name);
for (const name of ['exec', 'close'] as const) killable(DatabaseSync.prototype, name);
syncBuiltinESMExports();

const { runProgram } = await import('../../src/cli/program.ts');
const { env, stdin, stdout, stderr } = process;
const interrupted = () => new AbortController().signal;
process.exitCode = await runProgram({ env, stdin, stdout, stderr, interrupted }, args);
