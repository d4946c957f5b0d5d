import { InvalidArgumentError, type Command } from 'commander';
import type { Api } from './api.ts';
import type { Io } from './io.ts';
import type { Outcome, PrintOptions } from './outcome.ts';

/** What each command file is given. */
export interface Cli {
  readonly io: Io;
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
export function wholeNumber(min: number, max: number, hint: string): (raw: string) => number {
  return (raw) => {
    const value = /^\d{1,9}$/.test(raw) ? Number(raw) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}. ${hint}`);
  };
}

/** One part of a path. */
export const part = (raw: string) => encodeURIComponent(raw);
