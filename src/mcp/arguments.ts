import { z } from 'zod';
import { AgentPeerError, issueLines } from '../errors.ts';

/** Throws AgentPeerError `input-invalid` naming every argument that is wrong, and all that there are. */
export function readArguments(schema: z.ZodObject, raw: unknown): unknown {
  const read = schema.safeParse(raw ?? {});
  if (read.success) return read.data;
  const names = Object.keys(schema.shape);
  throw new AgentPeerError(
    'input-invalid',
    issueLines(read.error),
    names.length === 0 ? 'It takes no arguments' : `Its arguments are: ${names.join(', ')}`,
  );
}
