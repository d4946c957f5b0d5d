import type { IncomingMessage } from 'node:http';
import type { Credential } from '../core/facts.ts';
import type { NodeId, TokenDigest } from '../core/peer.ts';
import type { Digests } from '../ports/machine.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { Refusal } from '../a2a/refusal.ts';

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,256})$/i;

function presentedToken(req: IncomingMessage, digests: Digests): TokenDigest | null {
  const token = BEARER.exec(req.headers.authorization ?? '')?.[1];
  return token === undefined ? null : digests.token(token);
}

/**
 * The node at the other end, by tailscaled's word. A tailscaled that is still starting knows nobody: that is no
 * judgement about the peer, and must not end its message.
 */
async function remoteNode({ socket }: IncomingMessage, tailnet: Tailnet): Promise<NodeId | null> {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  const node = await tailnet.whois(remoteAddress, remotePort);
  if (node !== null) return node.nodeId;
  const { backendState } = await tailnet.status();
  if (backendState !== 'Running') throw new Refusal('stack-not-ready');
  return null;
}

/** Throws Refusal or AgentPeerError when tailscaled cannot be asked: nobody is let in, or turned away for good, by a failure. */
export async function identify(
  req: IncomingMessage,
  deps: { readonly tailnet: Tailnet; readonly digests: Digests },
): Promise<Credential> {
  return { presented: presentedToken(req, deps.digests), nodeId: await remoteNode(req, deps.tailnet) };
}
