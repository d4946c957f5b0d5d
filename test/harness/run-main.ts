import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

export interface RunningMain {
  /** Resolves with the first line, printed or still to come, that fits; rejects when the process ends before. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  readonly lines: readonly LogLine[];
  signal(name: NodeJS.Signals): void;
  /** Exit code; null when a signal killed it. */
  readonly ended: Promise<number | null>;
}

/** Starts the container's process, which does not outlive the test. */
export function startMain(env: Readonly<Record<string, string>>): RunningMain {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const tell = () => [...waiting].forEach((look) => look());
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as LogLine);
    tell();
  });
  void ended.then(tell);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const line = (fits: (line: LogLine) => boolean) =>
    new Promise<LogLine>((resolve, reject) => {
      const look = () => {
        const found = lines.find(fits);
        if (found === undefined && child.exitCode === null && child.signalCode === null) return;
        waiting.delete(look);
        if (found === undefined) reject(new Error(`ended without that line: ${JSON.stringify(lines)}`));
        else resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { line, lines, ended, signal: (name) => void child.kill(name) };
}

/**
 * Below those that the system gives to connections by itself: what is free now is not taken by a request of the test in the
 * other worker before somebody listens there.
 */
const [FIRST_PORT, PORTS] = [10_000, 20_000];
let nextPort = randomInt(PORTS);

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (free) await once(server.close(), 'close');
  return free;
}

/** A port of 127.0.0.1 that nothing has now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS; tries += 1) {
    const port = FIRST_PORT + nextPort;
    nextPort = (nextPort + 1) % PORTS;
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}
