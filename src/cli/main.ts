#!/usr/bin/env node
import process from 'node:process';
import { runHealth } from './health.ts';
import type { Io } from './io.ts';

const io: Io = { env: process.env, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
const args = process.argv.slice(2);

async function run(): Promise<number> {
  if (args[0] === 'health' && args.length === 1) return runHealth(io, {});
  const { runProgram } = await import('./program.ts');
  return runProgram(io, args);
}

process.exitCode = await run();
