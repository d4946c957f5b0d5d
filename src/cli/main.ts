#!/usr/bin/env node
import process from 'node:process';
import { runHealth } from './health.ts';
import type { Io } from './io.ts';

function interrupted(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

const { env, stdin, stdout, stderr } = process;
const io: Io = { env, stdin, stdout, stderr, interrupted };
const args = process.argv.slice(2);

async function run(): Promise<number> {
  if (args[0] === 'health' && args.length === 1) return runHealth(io, {});
  const { runProgram } = await import('./program.ts');
  return runProgram(io, args);
}

process.exitCode = await run();
