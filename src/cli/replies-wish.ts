import { AgentPeerError } from '../errors.ts';
import type { RepliesWish } from '../ports/owner.ts';

/** From the command line, as the loopback API has it; which modes and ports there are, that says. */
export function repliesWish(mode: string | undefined, port: string | undefined): RepliesWish | undefined {
  if (mode === undefined) {
    if (port === undefined) return undefined;
    throw new AgentPeerError(
      'input-invalid',
      'there is a --port without --reply-mode',
      'Only a peer of mode send-back has a port of its own: --reply-mode send-back',
    );
  }
  return { mode, ...(port === undefined ? {} : { port: Number(port) }) };
}
