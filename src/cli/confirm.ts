import { AgentPeerError } from '../errors.ts';
import { askYes } from './ask-yes.ts';
import type { Io } from './io.ts';

/** Asks before what cannot be taken back. Throws AgentPeerError `input-invalid` when the answer is no. */
export async function confirm(io: Io, question: string): Promise<void> {
  if (await askYes(io, question)) return;
  throw new AgentPeerError('input-invalid', 'cancelled', 'Nothing was changed');
}
