import { z } from 'zod';
import { AgentPeerError } from '../errors.ts';

function issueLine({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

/** Throws AgentPeerError `input-invalid` naming every argument that is wrong, and all that there are. */
export function readArguments(schema: z.ZodObject, raw: unknown): unknown {
  const read = schema.safeParse(raw ?? {});
  if (read.success) return read.data;
  const names = Object.keys(schema.shape);
  throw new AgentPeerError(
    'input-invalid',
    read.error.issues.map(issueLine).join('; '),
    names.length === 0 ? 'It takes no arguments' : `Its arguments are: ${names.join(', ')}`,
  );
}
