import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliInput {
  readonly env?: Readonly<Record<string, string>>;
  /** Given on stdin, which is then closed. */
  readonly stdin?: string | Buffer;
  /** Everything is a terminal; what it would have shown of the keys is told by `echo`. */
  readonly terminal?: { echo: boolean };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8');
}

/** Runs `agent-peer` in a process of its own, as `docker compose exec` does, with no terminal. */
export async function spawnCli(
  args: readonly string[],
  { env = {}, stdin = '' }: CliInput = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

function terminalParts(terminal: { echo: boolean } | undefined): object {
  if (terminal === undefined) return {};
  return { isTTY: true, setRawMode: (raw: boolean) => void (terminal.echo = !raw) };
}

/** The same program in this process: everything but the process around it is real, and it takes a tenth of the time. */
export async function runCli(
  args: readonly string[],
  { env = {}, stdin = '', terminal }: CliInput = {},
): Promise<CliRun> {
  const tty = terminalParts(terminal);
  const [out, err] = [Object.assign(new PassThrough(), tty), Object.assign(new PassThrough(), tty)];
  const [stdout, stderr] = [collect(out), collect(err)];
  const given = Object.assign(Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)]), tty);
  const io = { env, stdin: given, stdout: out, stderr: err } as unknown as Io;
  const exitCode = await runProgram(io, args);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}
