import { InvalidArgumentError, type Command } from 'commander';
import { AgentPeerError } from '../errors.ts';
import type { Api } from './api.ts';
import type { Io } from './io.ts';
import type { Outcome, PrintOptions } from './outcome.ts';
import type { Progress } from './progress.ts';

/** What each command file is given. */
export interface Cli {
  readonly io: Io;
  readonly progress: Progress;
  /** Reads the configuration and the owner token when it is called, not before. */
  readonly connect: () => Api;
  /** Does the work, prints what came of it, sets the exit code. */
  readonly perform: (options: PrintOptions, work: () => Promise<Outcome>) => Promise<void>;
}

/**
 * A command that does something, as against a noun that only groups.
 * @param isDefault it is what the noun does by itself
 */
export function verb(parent: Command, name: string, description: string, isDefault = false): Command {
  return parent
    .command(name, { isDefault })
    .description(description)
    .option('--json', 'print JSON')
    .option('--quiet', 'print nothing but the result itself');
}

/** For options that take a whole number. */
export function wholeNumber(min: number, max: number, hint = ''): (raw: string) => number {
  return (raw) => {
    const value = /^\d{1,9}$/.test(raw) ? Number(raw) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}. ${hint}`.trim());
  };
}

/**
 * A name or an id as one part of a path. An empty one, as a variable that a script has not set, would make another path of it.
 * Throws AgentPeerError `input-invalid`.
 */
export function part(raw: string): string {
  if (raw !== '') return encodeURIComponent(raw);
  throw new AgentPeerError('input-invalid', 'a name or an id is empty', 'Say which one is meant');
}
