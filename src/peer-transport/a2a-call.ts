import { A2A_PROTOCOL_VERSION, A2A_VERSION_HEADER, HTTP_EXTENSION_HEADER } from '@a2a-js/sdk';
import { MESSAGE_EXTENSION, MESSAGES_PATH } from '../core/peer-wire.ts';
import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports/machine.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { createDestinations } from './destination.ts';
import { PEER_TRANSPORT_LIMITS, type PeerTransportLimits } from './limits.ts';
import { post, type PostAnswer } from './post.ts';
import { Undelivered } from './undelivered.ts';

export interface PeerTransportDeps {
  readonly tailnet: Tailnet;
  readonly peers: Pick<PeerStore, 'findPeer' | 'isPaused' | 'outboundToken'>;
  /** Our own tailnet IPv4, from which every connection is made. */
  readonly localAddress: string;
  /** The port that stacks listen on. */
  readonly port: number;
  readonly log: Log;
  readonly limits?: Partial<PeerTransportLimits>;
  /** Told when a request that hands this message over, or asks for its reply, has left this process. */
  readonly onSent?: (message: OutboxMessage) => void;
  /**
   * Told before a message is handed to a peer that could not tell a repetition from a new message: it has to be on disk that
   * it was offered. What it throws keeps the message here.
   */
  readonly onOffer?: (message: OutboxMessage) => void;
  /** For the remaining time to live; the system's when absent. */
  readonly clock?: Clock;
}

/**
 * One JSON-RPC call to the peer of a message, under its alias if it has any; answered within `heldMs` beside the time that any answer may
 * take. Throws Undelivered, and AgentPeerError of our own parts.
 */
export type A2aCall = (
  message: OutboxMessage,
  call: {
    readonly body: string;
    readonly heldMs: number;
    readonly onConnected?: () => void;
    readonly onSent?: () => void;
  },
  signal: AbortSignal,
) => Promise<PostAnswer>;

function headersFor(token: string): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    [A2A_VERSION_HEADER]: A2A_PROTOCOL_VERSION,
    [HTTP_EXTENSION_HEADER]: MESSAGE_EXTENSION,
  };
}

export function createA2aCall(deps: PeerTransportDeps, clock: Clock): A2aCall {
  const { localAddress } = deps;
  const { connectMs, answerMs, answerBytes } = { ...PEER_TRANSPORT_LIMITS, ...deps.limits };
  const find = createDestinations(deps);
  return async ({ peer, alias }, { heldMs, ...call }, signal) => {
    const { address, port, mode, token } = await find(peer, clock.now());
    return await post({
      address,
      port,
      path: mode === 'task' ? `${MESSAGES_PATH}/${alias}` : MESSAGES_PATH,
      headers: headersFor(token),
      ...call,
      localAddress,
      connectMs,
      totalMs: connectMs + answerMs + heldMs,
      answerBytes,
      signal,
    });
  };
}

/** Failures of our own parts keep the message too. Of an error that nobody foresaw only the name is told: it may quote a header. */
export function undeliveredDetail(error: unknown, message: OutboxMessage, log: Log): string {
  if (error instanceof Undelivered) return error.detail;
  if (error instanceof AgentPeerError) return `${error.code}: ${error.message}`;
  const name = error instanceof Error ? error.name : typeof error;
  log.error('peer-attempt-failed', { peer: message.peer, messageId: message.id, error: name });
  return 'internal-error: see the log';
}
