import { hear } from '../core/pairing.ts';
import { parsePeerName, type PeerName } from '../core/peer.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { AcceptWish, ClaimAnswer } from '../ports/pairing.ts';
import type { PairingRecord } from '../ports/pairing-store.ts';
import type { TailnetNode } from '../ports/tailnet.ts';
import { answerOf, ASK, isFinalRefusal, refused } from './claim-answer.ts';
import { checkNameFree, checkNotInvited } from './free-name.ts';
import { inboundGrants, warningsFor } from './grant-warnings.ts';
import { parseInviteCode, type InviteCode } from './invite-code.ts';
import { INVITE_TTL_MS } from '../core/invite.ts';
import { newPeer } from './new-peer.ts';
import { readOffers } from './offers.ts';
import { tailnetNow } from './own-node.ts';
import type { PairingParts } from './parts.ts';

/** The maker decides when it gives up; this side only must not give up before it. */
const LATER_MS = 60_000;
/** More than this between two clocks is worth a word: what expires will expire at other times than it says. */
const SKEW_TOLD_MS = 5 * 60_000;

function agoOf({ expiresAt }: InviteCode, now: number): string {
  const minutes = Math.round((now - expiresAt) / 60_000);
  return minutes <= 0 ? '' : `; by this machine's clock it expired ${minutes} minutes ago`;
}

async function findMaker({ tailnet, clock, port }: PairingParts, code: InviteCode): Promise<TailnetNode> {
  const { self, peers } = await tailnetNow(tailnet);
  if (code.nodeId === self.nodeId)
    throw refused('this is an invite of this very stack', 'Use it on the other machine');
  const node = peers.find(({ nodeId }) => nodeId === code.nodeId);
  if (node === undefined) {
    const what = `node ${code.nodeId} (${code.address}), which made the invite, is not on this tailnet${agoOf(code, clock.now())}`;
    throw new AgentPeerError(
      'node-not-found',
      what,
      'Join one tailnet, or have the nodes shared with each other',
    );
  }
  if (code.port === port) return node;
  const what = `the other stack listens on port ${code.port} and this one on ${port}`;
  throw refused(what, 'Set AGENT_PEER_PORT to the same on both machines, then ask for a new code');
}

/** What the tailnet calls the node: only its control server gives that name, and not the node itself. */
function nameFor(wished: string | undefined, { dnsName }: TailnetNode): PeerName {
  if (wished !== undefined) return must('input-invalid', parsePeerName(wished));
  const name = parsePeerName(dnsName.toLowerCase().split('.')[0] ?? '');
  if (name.ok) return name.value;
  const what = `its node is called "${dnsName}", which is no name for a peer`;
  throw new AgentPeerError('input-invalid', what, 'Choose one: --name');
}

function checkNode({ peers }: PairingParts, { nodeId }: TailnetNode, name: PeerName): void {
  const known = peers.listPeers().find((peer) => peer.nodeId === nodeId && peer.state !== 'revoked');
  if (known === undefined || known.name === name) return;
  const fix = `Use that peer, or first: agent-peer peers revoke ${known.name}`;
  throw new AgentPeerError('peer-exists', `that node is the peer "${known.name}" already`, fix);
}

/** One try at the claim of a pairing that is on disk. Throws AgentPeerError; a final no gives the pairing up. */
export async function claimOnce(
  parts: PairingParts,
  record: PairingRecord & { readonly secret: string },
  signal: AbortSignal,
): Promise<ClaimAnswer> {
  const { peers, pairings, transport, clock, log, reach } = parts;
  const { peer: name, secret, ownConfirmed: confirmed } = record;
  const { nodeId } = peers.findPeer(name) ?? { nodeId: null };
  const token = peers.untold(name);
  if (nodeId === null || token === null) throw refused('the pairing was given up meanwhile', ASK);
  const offers = inboundGrants(peers.listGrants(name)).map(({ alias }) => alias);
  const request = { type: 'claim', secret, token, offers, confirmed } as const;
  try {
    const answer = answerOf(await transport.send<'claim'>(nodeId, null, request, signal));
    reach('claim-answered');
    const expiresAt = clock.now() + answer.expiresInSeconds * 1000 + LATER_MS;
    pairings.answered(name, { token: answer.token, offered: answer.offers, expiresAt });
    pairings.update(name, (facts) => hear(facts, answer));
    reach('claim-answer-stored');
    return answer;
  } catch (error) {
    if (isFinalRefusal(error)) {
      pairings.drop(name);
      log.warn('pairing-ended', { peer: name, detail: error instanceof Error ? error.message : '' });
    }
    throw error;
  }
}

export interface Begun {
  readonly record: PairingRecord & { readonly secret: string };
  readonly warnings: readonly string[];
}

/** Everything that can be checked here is, and the pairing is on disk, before anything is sent. */
export async function beginAccept(parts: PairingParts, wish: AcceptWish): Promise<Begun> {
  const { pairings, peers, digests, clock, log, reach } = parts;
  const code = must('invite-invalid', parseInviteCode(wish.code));
  const [node, defaultAgent] = await Promise.all([findMaker(parts, code), parts.defaultAgent()]);
  const name = nameFor(wish.name, node);
  checkNotInvited(parts, name);
  checkNameFree(parts, name);
  checkNode(parts, node, name);
  const now = clock.now();
  const offers = readOffers(wish, { peer: name, now, defaultAgent });
  const warnings = offers.grants.flatMap((grant) => warningsFor(grant, inboundGrants(peers.listGrants())));
  const about = { name, state: 'provisional', expiresAt: offers.expiresAt } as const;
  const { peer, token } = newPeer(digests, node, about);
  const record = {
    secret: code.secret,
    hasToken: false,
    hold: offers.hold,
    ownConfirmed: wish.confirmed,
    otherConfirmed: false,
    otherReady: false,
    offered: null,
    createdAt: now,
    expiresAt: now + INVITE_TTL_MS + LATER_MS,
  };
  pairings.begin({ peer, token, grants: offers.grants, record });
  log.info('invite-accepted', { peer: name, nodeId: node.nodeId, login: node.login });
  reach('accept-stored');
  return { record: { ...record, peer: name }, warnings };
}

/** A word for the owner when the two clocks disagree. */
export function skewWarning(answer: ClaimAnswer, now: number): readonly string[] {
  const minutes = Math.round((answer.now - now) / 60_000);
  if (Math.abs(answer.now - now) < SKEW_TOLD_MS) return [];
  const which = minutes > 0 ? 'behind' : 'ahead of';
  return [
    `this machine's clock is ${Math.abs(minutes)} minutes ${which} the other's: what expires, expires by each one's own`,
  ];
}
