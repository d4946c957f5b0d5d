import { AgentPeerError } from '../errors.ts';
import type { PeerName } from '../core/peer.ts';
import type { PeerReads } from '../ports/peer-reads.ts';
import type { PeerTransportDeps } from './a2a-call.ts';
import { createDestinations } from './destination.ts';
import { PEER_TRANSPORT_LIMITS } from './limits.ts';
import { explain } from './post.ts';
import { createRelay } from './relay.ts';
import { Undelivered } from './undelivered.ts';

/** A health or a card; both are small. */
const ANSWER_BYTES = 256 * 1024;

export type PeerReadsDeps = Pick<
  PeerTransportDeps,
  'tailnet' | 'peers' | 'localAddress' | 'port' | 'clock'
> & {
  readonly limits?: Partial<Record<'totalMs' | 'answerBytes', number>>;
};

function unreachable(peer: PeerName, { detail }: Undelivered): AgentPeerError {
  const fix =
    'Messages to it are kept until it is there; read it again later, or look at: agent-peer peers list';
  return new AgentPeerError('peer-unreachable', `"${peer}" cannot be read now: ${detail}`, fix);
}

/** Reads of peers, relayed live: to the node, wherever it is now, from our own address, with the token that it gave us. */
export function createPeerReads(deps: PeerReadsDeps): PeerReads {
  const { localAddress, clock = { now: Date.now } } = deps;
  const { connectMs, answerMs } = PEER_TRANSPORT_LIMITS;
  const { totalMs = connectMs + answerMs, answerBytes = ANSWER_BYTES } = deps.limits ?? {};
  const find = createDestinations(deps);
  const relay = createRelay({ localAddress, answerBytes });
  return {
    read: async (request, { peer, path }, signal) => {
      const timeout = AbortSignal.timeout(totalMs);
      try {
        const { address, port, token } = await find(peer, clock.now());
        return await relay(request, {
          origin: `http://${address}:${port}`,
          path,
          headers: { accept: 'application/json', authorization: `Bearer ${token}` },
          signal: AbortSignal.any([signal, timeout]),
        });
      } catch (error) {
        const known = explain(error, { signal, localAddress, totalMs }, timeout.aborted);
        throw known === null ? error : unreachable(peer, known);
      }
    },
  };
}
