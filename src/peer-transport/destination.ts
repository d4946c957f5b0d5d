import type { Peer, PeerName, ReplyMode } from '../core/peer.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { createNodeAddress } from './node-address.ts';
import { Undelivered } from './undelivered.ts';

export interface Destination {
  /** The IPv4 address that the peer's node has now. */
  readonly address: string;
  readonly port: number;
  readonly mode: ReplyMode;
  readonly token: string;
}

export interface DestinationParts {
  readonly peers: Pick<PeerStore, 'findPeer' | 'isPaused' | 'outboundToken'>;
  readonly tailnet: Tailnet;
  /** The port that stacks listen on. */
  readonly port: number;
}

/** A message waits for days: what the judge allowed when it was taken may be over by now. */
function checkStanding({ name, state, expiresAt }: Peer, now: number): void {
  if (state === 'revoked') throw new Undelivered(`peer-revoked: "${name}" was revoked here`);
  if (state !== 'active') throw new Undelivered(`peer-${state}: "${name}" is ${state} here`);
  if (expiresAt !== null && now >= expiresAt)
    throw new Undelivered(`peer-expired: the pairing with "${name}" has expired here`);
}

/**
 * Where a peer is at this moment: its node by StableID, never an address or a name remembered. Throws Undelivered,
 * and AgentPeerError when the store or tailscaled cannot be asked.
 */
export type FindDestination = (name: PeerName, now: number) => Promise<Destination>;

export function createDestinations({ peers, tailnet, port }: DestinationParts): FindDestination {
  const addressOf = createNodeAddress(tailnet);
  return async (name, now) => {
    const peer = peers.findPeer(name);
    if (peer === null) throw new Undelivered(`peer-not-found: no peer "${name}" is known here`);
    checkStanding(peer, now);
    if (peers.isPaused()) throw new Undelivered('stack-paused: this stack is paused');
    const token = peers.outboundToken(name);
    if (token === null)
      throw new Undelivered(`peer-token-missing: no token to present to "${name}" is stored here`);
    const { mode } = peer.replies;
    const its = peer.replies.mode === 'send-back' ? peer.replies.port : port;
    return { address: await addressOf(peer.nodeId, its), port: its, mode, token };
  };
}
