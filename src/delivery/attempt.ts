import { isClockBehind } from '../core/decide.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PeerTransport } from '../ports/delivery.ts';
import type { Clock } from '../ports/machine.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export interface AttemptParts {
  readonly peers: Pick<PeerStore, 'findPeer' | 'isPaused' | 'outboundToken' | 'policy'>;
  readonly transport: PeerTransport;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether the owner has stopped what goes to this peer, for a while. */
export function isResting({ peers }: Pick<AttemptParts, 'peers'>, name: PeerName): boolean {
  return peers.isPaused() || peers.findPeer(name)?.state === 'paused';
}

function clockBehind({ peers, clock }: AttemptParts): OutboxEvent | null {
  if (!isClockBehind(peers.policy(), clock.now())) return null;
  const detail = "clock-behind: this machine's clock is behind a time that it has already shown";
  return { kind: 'not-delivered', detail };
}

/** Why there is no use in trying, before any connection is made; null when there is none. */
function obstacle({ peers }: AttemptParts, { peer: name }: OutboxMessage): OutboxEvent | null {
  const peer = peers.findPeer(name);
  if (peer === null) return { kind: 'not-delivered', detail: `there is no peer "${name}" any more` };
  if (peer.state === 'revoked') {
    return { kind: 'refused', reason: 'peer-revoked', detail: `"${name}" was revoked on this side` };
  }
  if (peers.isPaused()) return { kind: 'not-delivered', detail: 'this stack is paused' };
  if (peer.state !== 'active')
    return { kind: 'not-delivered', detail: `"${name}" is ${peer.state} on this side` };
  if (peers.outboundToken(name) !== null) return null;
  return {
    kind: 'not-delivered',
    detail: `no token of "${name}" is stored: ask its owner for it, and store it`,
  };
}

/** An error nobody foresaw may quote a header, so only its name is told. */
function broken({ log }: AttemptParts, { id, peer }: OutboxMessage, error: unknown): OutboxEvent {
  if (error instanceof AgentPeerError) return { kind: 'not-delivered', detail: error.line };
  log.error('attempt-broke', {
    peer,
    messageId: id,
    error: error instanceof Error ? error.name : typeof error,
  });
  return { kind: 'not-delivered', detail: 'the attempt broke off inside the proxy' };
}

/** One attempt to hand a message over, or to ask for the reply. Never rejects. */
export async function attempt(
  parts: AttemptParts,
  message: OutboxMessage,
  waitMs: number,
  signal: AbortSignal,
): Promise<OutboxEvent> {
  try {
    return (
      clockBehind(parts) ??
      obstacle(parts, message) ??
      (await parts.transport.deliver(message, waitMs, signal))
    );
  } catch (error) {
    return broken(parts, message, error);
  }
}
