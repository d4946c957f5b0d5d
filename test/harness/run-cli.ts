import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Typed one after the other, each when something is asked. */
  readonly typed?: readonly string[];
  /** Everything is a terminal; what it would have shown of the keys is told by `echo`. */
  readonly terminal?: { echo: boolean; readonly columns?: number };
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

const KILLED = fileURLToPath(new URL('kill-at-child.ts', import.meta.url));

/** Runs it until just before the nth thing that it does to the disk; false when it ended before. */
export async function killedAt(
  nth: number,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  // What Node made of the sources is kept from one run to the next.
  const cached = { ...env, NODE_COMPILE_CACHE: join(tmpdir(), 'agent-peer-test-compiled') };
  const child = spawn(process.execPath, [KILLED, String(nth), ...args], { env: cached, stdio: 'ignore' });
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal === 'SIGKILL') return true;
  if (exitCode === 0) return false;
  throw new Error(`ended with ${String(exitCode)}`);
}

function terminalParts(terminal: CliInput['terminal']): object {
  if (terminal === undefined) return {};
  const { columns } = terminal;
  return { isTTY: true, columns, setRawMode: (raw: boolean) => void (terminal.echo = !raw) };
}

/** The same program in this process: everything but the process around it is real, and it takes a tenth of the time. */
export async function runCli(
  args: readonly string[],
  { env = {}, stdin = '', typed = [], terminal }: CliInput = {},
): Promise<CliRun> {
  const tty = terminalParts(terminal);
  const [out, err] = [Object.assign(new PassThrough(), tty), Object.assign(new PassThrough(), tty)];
  const [stdout, stderr] = [collect(out), collect(err)];
  const given = Object.assign(
    Readable.from(stdin.length === 0 ? typed : [Buffer.from(stdin)], { highWaterMark: 1 }),
    tty,
  );
  const { signal } = new AbortController();
  const io = { env, stdin: given, stdout: out, stderr: err, interrupted: () => signal } as unknown as Io;
  const exitCode = await runProgram(io, args);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

/** A command that a person sits before. */
export interface RunningCli {
  /** Everything on the terminal so far, once it has the pattern in it. */
  shown(pattern: RegExp): Promise<string>;
  type(text: string): void;
  /** Ctrl-C, for a command that looks out for it. */
  interrupt(): void;
  readonly done: Promise<CliRun>;
}

/** The same program at a terminal, with a person who reads and types. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>>): RunningCli {
  const tty = terminalParts({ echo: true });
  const [stdin, out, err] = [1, 2, 3].map(() => Object.assign(new PassThrough(), tty)) as [
    PassThrough,
    PassThrough,
    PassThrough,
  ];
  const [stdout, stderr] = [collect(out), collect(err)];
  const screen = () => stdout() + stderr();
  const stop = new AbortController();
  const io = { env, stdin, stdout: out, stderr: err, interrupted: () => stop.signal } as unknown as Io;
  const run = runProgram(io, args).then((exitCode) => ({ exitCode, stdout: stdout(), stderr: stderr() }));
  const ended = run.then(({ exitCode }) => {
    throw new Error(`ended with ${exitCode} before that was shown:\n${screen()}`);
  });
  ended.catch(() => undefined);
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(screen())) await Promise.race([once(out, 'data'), once(err, 'data'), ended]);
    return screen();
  };
  return { shown: until, type: (text) => void stdin.write(text), interrupt: () => stop.abort(), done: run };
}
