import { AgentPeerError, messageOf, type ExitCode } from '../errors.ts';
import type { Io } from './io.ts';
import { plain } from './plain.ts';

/** What a command came to, for a script and for a person. */
export interface Outcome {
  /** Printed on stdout with --json. */
  readonly json: unknown;
  /** Printed on stdout without it; empty prints nothing. */
  readonly text: string;
  /** Explanation for a person, on stderr. */
  readonly note?: string;
  /** The command did its work, but what was asked for did not come about: decides the exit code. */
  readonly error?: AgentPeerError;
  /** For an answer that a script branches on and that is no error; 0 when absent. */
  readonly exitCode?: ExitCode;
}

export interface PrintOptions {
  readonly json?: boolean;
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

/** For a person who watches; with --json and --yes there is none. */
export function speaker(
  io: Io,
  { json, yes }: PrintOptions & { readonly yes?: true },
): (text: string) => void {
  return (text) => {
    if (json !== true || yes !== true) printLines(io.stderr, text);
  };
}

export function printError(io: Io, error: AgentPeerError, { json = false }: PrintOptions): void {
  const { code, message, fix } = error;
  printLines(io.stderr, json ? JSON.stringify({ error: { code, message, fix } }) : `error ${error.line}`);
}

/** @returns the exit code */
export function printOutcome(io: Io, outcome: Outcome, options: PrintOptions): number {
  if (options.json === true) printLines(io.stdout, JSON.stringify(outcome.json, null, 2));
  else {
    printLines(io.stderr, outcome.note ?? '');
    printLines(io.stdout, outcome.text);
  }
  if (outcome.error === undefined) return outcome.exitCode ?? 0;
  printError(io, outcome.error, options);
  return outcome.error.exitCode;
}
