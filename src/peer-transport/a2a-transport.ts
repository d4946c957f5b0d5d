import { A2A_PROTOCOL_VERSION, A2A_VERSION_HEADER, HTTP_EXTENSION_HEADER } from '@a2a-js/sdk';
import { MESSAGE_EXTENSION, MESSAGES_PATH } from '../core/peer-wire.ts';
import type { OutboxEvent } from '../core/outbox.ts';
import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PeerTransport } from '../ports/delivery.ts';
import type { Clock } from '../ports/machine.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { findDestination, type Destination } from './destination.ts';
import { PEER_TRANSPORT_LIMITS, type PeerTransportLimits } from './limits.ts';
import { post } from './post.ts';
import { readAnswer } from './read-answer.ts';
import { requestBody } from './request-body.ts';
import { Undelivered } from './undelivered.ts';

export interface PeerTransportDeps {
  readonly tailnet: Tailnet;
  readonly peers: Pick<PeerStore, 'findPeer' | 'outboundToken'>;
  /** Our own tailnet IPv4, from which every connection is made. */
  readonly localAddress: string;
  /** The port that peers listen on. */
  readonly port: number;
  readonly log: Log;
  readonly limits?: Partial<PeerTransportLimits>;
  /** Told when a request about this message has left this process. */
  readonly onSent?: (message: OutboxMessage) => void;
  /** For the remaining time to live; the system's when absent. */
  readonly clock?: Clock;
}

function headersFor({ token }: Destination): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    [A2A_VERSION_HEADER]: A2A_PROTOCOL_VERSION,
    [HTTP_EXTENSION_HEADER]: MESSAGE_EXTENSION,
  };
}

/** Failures of our own parts keep the message too. Of an error that nobody foresaw only the name is told: it may quote a header. */
function undelivered(error: unknown, message: OutboxMessage, log: Log): OutboxEvent {
  if (error instanceof Undelivered) return { kind: 'not-delivered', detail: error.detail };
  if (error instanceof AgentPeerError)
    return { kind: 'not-delivered', detail: `${error.code}: ${error.message}` };
  const name = error instanceof Error ? error.name : typeof error;
  log.error('peer-attempt-failed', { peer: message.peer, messageId: message.id, error: name });
  return { kind: 'not-delivered', detail: 'internal-error: see the log' };
}

/**
 * The sending end of the peer wire. A message that has no receipt yet is handed over without waiting, so that it
 * counts as received as soon as it is on the peer's disk; one that has is asked for again, under the same id, and
 * waited on: that is how its reply is fetched.
 */
export function createPeerTransport(deps: PeerTransportDeps): PeerTransport {
  const { localAddress, port, log, onSent, clock = { now: Date.now } } = deps;
  const { connectMs, answerMs, peerWaitMs, answerBytes } = { ...PEER_TRANSPORT_LIMITS, ...deps.limits };

  const attempt = async (
    message: OutboxMessage,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<OutboxEvent> => {
    const returnImmediately = message.state === 'queued' || waitMs <= 0;
    const destination = await findDestination(deps, message.peer, clock.now());
    const answer = await post({
      address: destination.address,
      port,
      path: `${MESSAGES_PATH}/${message.alias}`,
      headers: headersFor(destination),
      body: requestBody(message, clock.now(), returnImmediately),
      localAddress,
      connectMs,
      totalMs: connectMs + answerMs + (returnImmediately ? 0 : Math.max(waitMs, peerWaitMs)),
      answerBytes,
      signal,
      onSent: () => onSent?.(message),
    });
    return readAnswer(answer, message);
  };
  return {
    deliver: async (message, waitMs, signal) => {
      try {
        return await attempt(message, waitMs, signal);
      } catch (error) {
        return undelivered(error, message, log);
      }
    },
  };
}
