import type { IncomingMessage } from 'node:http';
import type { PairRequest } from '../ports/pairing.ts';
import { parseBody, readBody } from '../a2a/body.ts';
import type { Deps } from './deps.ts';
import { permit, record, type Exchange } from './exchange.ts';
import { readPairRequest } from './pair-params.ts';
import { Refusal, rpcRefusal } from '../a2a/refusal.ts';
import type { Served, SurfaceHandler } from './serve.ts';
import type { Target } from './target.ts';

type Of<T extends PairRequest['type']> = Extract<PairRequest, { readonly type: T }>;

/** Room for every request there is here; strangers may send one. */
const BODY_BYTES = 8 * 1024;

/** Who wants to become a peer has no token yet. Tries are limited by node, so that none uses up another's. */
async function claim(
  deps: Deps,
  exchange: Exchange,
  req: IncomingMessage,
  body: Of<'claim'>,
): Promise<object> {
  const { remoteAddress = '', remotePort = 0 } = req.socket;
  const node = await deps.tailnet.whois(remoteAddress, remotePort);
  if (node === null) throw new Refusal('node-unknown');
  await deps.rates.takeGuess(node.nodeId);
  const { invite } = permit(deps, exchange, {
    operation: 'invite-claim',
    secret: deps.digests.token(body.secret),
    invites: deps.pairing.invites(),
  });
  await deps.rates.giveBackGuess(node.nodeId);
  return deps.pairing.claim(invite, node, body);
}

function hear(deps: Deps, exchange: Exchange, news: Of<'news'>): object {
  const { peer } = permit(deps, exchange, { operation: 'pairing-continue' });
  return deps.pairing.hear(peer, news);
}

function rotate(deps: Deps, exchange: Exchange, { token }: Of<'rotate'>): object {
  const { peer } = permit(deps, exchange, { operation: 'token-rotate' });
  return { token: deps.pairing.rotate(peer, token) };
}

const OPERATIONS = { claim: 'invite-claim', news: 'pairing-continue', rotate: 'token-rotate' } as const;

async function answerTo(
  deps: Deps,
  exchange: Exchange,
  req: IncomingMessage,
  body: PairRequest,
): Promise<object> {
  switch (body.type) {
    case 'claim':
      return claim(deps, exchange, req, body);
    case 'news':
      return hear(deps, exchange, body);
    case 'rotate':
      return rotate(deps, exchange, body);
  }
}

/** Before the body is read: who has a token is that peer, who has none must at least be a node of the tailnet. */
async function admit(deps: Deps, exchange: Exchange): Promise<void> {
  const { presented, nodeId } = exchange.caller;
  if (presented === null) {
    permit(deps, exchange, { operation: 'liveness-read' });
    await deps.rates.takePoll(`node ${nodeId ?? ''}`);
    return;
  }
  const { peer } = permit(deps, exchange, { operation: 'pairing-continue' });
  await deps.rates.takePoll(`peer ${peer.name}`);
  deps.pairing.presented(peer, presented);
}

async function answer(deps: Deps, exchange: Exchange, req: IncomingMessage): Promise<Served> {
  await admit(deps, exchange);
  const body = readPairRequest(parseBody(await readBody(req, Math.min(BODY_BYTES, deps.limits.bodyBytes))));
  exchange.operation = OPERATIONS[body.type];
  const answered = await answerTo(deps, exchange, req, body);
  record(deps, exchange, true, 'allowed');
  return { status: 200, body: answered };
}

/** `POST /pair`: becoming a peer by an invite, telling how far that has come, and changing tokens. */
export const pairSurface: SurfaceHandler<Extract<Target, { readonly surface: 'pair' }>> = {
  answer: (deps, exchange, { req }) => answer(deps, exchange, req),
  refusal: () => rpcRefusal(null),
};
