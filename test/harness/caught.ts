import { AgentPeerError } from '../../src/errors.ts';

/** The error of ours that this ends with. @throws when it ends with none. */
export function caught(work: () => unknown): AgentPeerError {
  try {
    work();
  } catch (error) {
    if (error instanceof AgentPeerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
