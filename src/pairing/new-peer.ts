import { BY_TASK, type Peer, type Replies } from '../core/peer.ts';
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
  replies: Replies = BY_TASK,
): NewPeer {
  const token = newPeerToken();
  const tokenDigest = digests.token(token);
  return { token, peer: { ...about, nodeId, login, tokenDigest, overlap: null, replies } };
}
