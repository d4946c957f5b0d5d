import { AgentPeerError, messageOf, type ExitCode } from '../errors.ts';
import type { Io } from './io.ts';
import { plain } from './plain.ts';
import { tableKeys, tableOnScreen, tableText, type Table } from './table.ts';
import { painter, widthOf } from './terminal.ts';

/** What a command came to, for a script and for a person. */
export interface Outcome {
  /** Printed on stdout with --json; undefined when the command has printed all there is. */
  readonly json: unknown;
  /** Printed on stdout without it; empty prints nothing. */
  readonly text: string | Table;
  /** Explanation for a person, on stderr; not with --quiet. */
  readonly note?: string;
  /** The command did its work, but what was asked for did not come about: decides the exit code. */
  readonly error?: AgentPeerError;
  /** For an answer that a script branches on and that is no error; 0 when absent. */
  readonly exitCode?: ExitCode;
}

export interface PrintOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function asAgentPeerError(thrown: unknown): AgentPeerError {
  if (thrown instanceof AgentPeerError) return thrown;
  return new AgentPeerError('internal-error', messageOf(thrown), 'This is a fault of agent-peer', {
    cause: thrown,
  });
}

/** As lines of their own; nothing for nothing. */
export function printLines(stream: NodeJS.WriteStream, text: string): void {
  if (text !== '') stream.write(`${stream.isTTY ? plain(text) : text}\n`);
}

/** For a person who watches. Who says --json or --quiet, and --yes, is none. */
export function speaker(
  io: Io,
  { json, quiet, yes }: PrintOptions & { readonly yes?: true },
): (text: string) => void {
  return (text) => {
    if (!(json === true || quiet === true) || yes !== true) printLines(io.stderr, text);
  };
}

export function printError(io: Io, error: AgentPeerError, { json = false }: PrintOptions): void {
  const { code, message, fix } = error;
  if (json) {
    printLines(io.stderr, JSON.stringify({ error: { code, message, fix } }));
    return;
  }
  io.stderr.write(`${painter(io, io.stderr)('red', 'error')} `);
  printLines(io.stderr, error.line);
}

function printText(io: Io, text: Outcome['text'], quiet: boolean): void {
  const { stdout } = io;
  if (typeof text === 'string') printLines(stdout, text);
  else if (quiet) printLines(stdout, tableKeys(text));
  else if (!stdout.isTTY) printLines(stdout, tableText(text));
  else stdout.write(`${tableOnScreen(text, widthOf(io, stdout), painter(io, stdout))}\n`);
}

/** @returns the exit code */
export function printOutcome(
  io: Io,
  outcome: Outcome,
  { json = false, quiet = false }: PrintOptions,
): number {
  if (json && outcome.json !== undefined) printLines(io.stdout, JSON.stringify(outcome.json, null, 2));
  if (!json) {
    if (!quiet) printLines(io.stderr, outcome.note ?? '');
    printText(io, outcome.text, quiet);
  }
  if (outcome.error === undefined) return outcome.exitCode ?? 0;
  printError(io, outcome.error, { json });
  return outcome.error.exitCode;
}
