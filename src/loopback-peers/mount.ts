import type { Request, Response } from 'express';
import { AgentPeerError } from '../errors.ts';
import { answerCall } from './call.ts';
import type { PeersMountParts } from './parts.ts';
import { answerRead } from './read.ts';
import { PEERS_PATH, readTarget, type Target } from './target.ts';

/** Decides on the raw target: what Express makes of a path is never asked. Throws AgentPeerError. */
function requireTarget({ originalUrl, method }: Request, response: Response): Target {
  const target = readTarget(originalUrl);
  const fix = 'See docs/loopback-a2a.md for what there is';
  if (target === null)
    throw new AgentPeerError('local-route-unknown', 'there is nothing of a peer at this path', fix);
  if (method === target.method) return target;
  response.set('allow', target.method);
  throw new AgentPeerError('local-method-unknown', `${method} does not work here: use ${target.method}`, fix);
}

/** `/peers/<peer>/…`: a peer as if it were on this machine, for programs that speak A2A and know nothing of this stack. */
export function createPeersMount(parts: PeersMountParts) {
  return {
    path: PEERS_PATH,
    handle: async (
      request: Request,
      response: Response,
      { signal }: { readonly signal: AbortSignal },
    ): Promise<void> => {
      const target = requireTarget(request, response);
      const at = { request, response, signal };
      await (target.kind === 'call' ? answerCall(parts, target, at) : answerRead(parts, target, at));
    },
  };
}
