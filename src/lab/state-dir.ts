import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LabName } from './names.ts';

/**
 * Where a lab keeps the files that its containers mount (auth keys). Outside the checkout, so that the lab of one
 * clone can be seen and taken down from another.
 */
export function stateDir({ lab }: LabName): string {
  const base = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return join(base, 'agent-peer', lab);
}
