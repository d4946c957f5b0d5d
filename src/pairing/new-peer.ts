import type { Peer } from '../core/peer.ts';
import { newPeerToken } from '../digests.ts';
import type { Digests } from '../ports/machine.ts';
import type { TailnetNode } from '../ports/tailnet.ts';

/** A peer bound to a node, and the token that it is to present: this is the one moment at which that is known here. */
export interface NewPeer {
  readonly peer: Peer;
  readonly token: string;
}

export function newPeer(
  digests: Pick<Digests, 'token'>,
  { nodeId, login }: Pick<TailnetNode, 'nodeId' | 'login'>,
  about: Pick<Peer, 'name' | 'state' | 'expiresAt'>,
): NewPeer {
  const token = newPeerToken();
  return { token, peer: { ...about, nodeId, login, tokenDigest: digests.token(token), overlap: null } };
}
