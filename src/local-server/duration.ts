import { parseDuration } from '../core/duration.ts';
import { fromProblem } from '../errors.ts';

/** Throws AgentPeerError `input-invalid` naming the field. */
export function readDuration(raw: string, field: string): number {
  const duration = parseDuration(raw, field);
  if (duration.ok) return duration.value;
  throw fromProblem('input-invalid', duration.problem);
}

/** How long something lasts, where nothing was said: for ever. */
export function expiryOf(expiresIn: string | undefined): { readonly expiresInMs?: number } {
  return expiresIn === undefined ? {} : { expiresInMs: readDuration(expiresIn, 'expiresIn') };
}
