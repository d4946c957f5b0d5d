import type { Problem } from '../core/parsed.ts';
import { COMPOSE_VARIABLES, KNOWN_NAMES } from './variables.ts';

const PREFIX = 'AGENT_PEER_';
const CLOSE = 4;

/** Edits (insert, remove, replace one character) between two names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function nearest(name: string): string | null {
  const [best] = KNOWN_NAMES.map((known) => ({ known, edits: distance(name, known) })).sort(
    (a, b) => a.edits - b.edits,
  );
  return best !== undefined && best.edits <= CLOSE ? best.known : null;
}

function unknown(name: string): Problem {
  const meant = nearest(name);
  const fix = meant === null ? 'Remove it; docs/configuration.md lists all names' : `Did you mean ${meant}?`;
  return { where: name, what: 'is not a variable of agent-peer', fix };
}

/** A misspelt name would silently leave the default in force, so it is a problem like any other. */
export function unknownNames(env: Readonly<Record<string, string | undefined>>): readonly Problem[] {
  const known = new Set<string>([...KNOWN_NAMES, ...COMPOSE_VARIABLES]);
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && env[name] !== undefined);
  return names
    .filter((name) => !known.has(name))
    .sort()
    .map(unknown);
}
