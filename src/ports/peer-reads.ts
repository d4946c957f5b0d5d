import type { IncomingMessage } from 'node:http';
import type { PeerName } from '../core/peer.ts';
import type { AGENT_CARD_PATH, HEALTH_PATH } from '../core/peer-wire.ts';

/** What may be read of a peer, by the path that it has there. */
export type ReadPath = typeof HEALTH_PATH | typeof AGENT_CARD_PATH;

/** As it came: nothing of it is understood yet, and of its head only the status is known. */
export interface PeerAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface PeerReads {
  /**
   * Asks the peer now, in the place of this request, of which nothing is passed on. Throws AgentPeerError
   * `peer-unreachable`, and what tailscaled or the store says when it cannot be asked.
   */
  read(
    request: IncomingMessage,
    what: { readonly peer: PeerName; readonly path: ReadPath },
    signal: AbortSignal,
  ): Promise<PeerAnswer>;
}
