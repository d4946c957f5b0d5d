import { AgentPeerError } from '../errors.ts';
import type { RepliesWish } from '../ports/owner.ts';

/** A word that is no number would come to the loopback API as nothing at all. */
function portOf(raw: string): number {
  if (/^\d{1,5}$/.test(raw)) return Number(raw);
  const fix = 'Use a number from 1 to 65535; without it 18789 is meant';
  throw new AgentPeerError('input-invalid', `--port: "${raw}" is no port`, fix);
}

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
  return { mode, ...(port === undefined ? {} : { port: portOf(port) }) };
}
