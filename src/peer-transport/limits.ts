import { ANSWER_LIMIT_BYTES, WAIT_LIMIT_MS } from '../core/peer-wire.ts';

/** What one attempt to hand over a message may take. Milliseconds, bytes. */
export interface PeerTransportLimits {
  /** Until the TCP connection stands; a node that was idle may have to be found through a relay first. */
  readonly connectMs: number;
  /** From the connection to the end of an answer that waits for nothing. */
  readonly answerMs: number;
  /** How long a peer may hold a request while it waits for its agent: a shorter wish of ours does not shorten it. */
  readonly peerWaitMs: number;
  readonly answerBytes: number;
}

export const PEER_TRANSPORT_LIMITS: PeerTransportLimits = {
  connectMs: 10_000,
  answerMs: 15_000,
  peerWaitMs: WAIT_LIMIT_MS,
  answerBytes: ANSWER_LIMIT_BYTES,
};
