import type Docker from 'dockerode';
import { mustExec } from './exec.ts';
import { nodeProgram } from './node-program.ts';
import type { Stack } from './stack.ts';

/** The database is locked by the proxy, and is read from a copy. */
const READ = `
const { copyFileSync, existsSync, mkdtempSync, rmSync } = require('node:fs');
const { DatabaseSync } = require('node:sqlite');
const folder = mkdtempSync('/tmp/read-');
for (const file of ['agent-peer.db', 'agent-peer.db-wal'])
  if (existsSync('/data/' + file)) copyFileSync('/data/' + file, folder + '/' + file);
const db = new DatabaseSync(folder + '/agent-peer.db');
process.stdout.write(JSON.stringify(db.prepare(stdin).all()));
db.close();
rmSync(folder, { recursive: true });`;

/** Rows of a stack's database, as they are on its disk. For when nothing is being written. */
export async function readData(docker: Docker, stack: Stack, sql: string): Promise<readonly unknown[]> {
  return JSON.parse(
    await mustExec(docker, stack.container('proxy'), nodeProgram(READ), sql),
  ) as readonly unknown[];
}
