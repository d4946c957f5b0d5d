import { randomBytes } from 'node:crypto';
import { INVITE_TTL_MS } from '../core/invite.ts';
import { parsePeerName } from '../core/peer.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { Invites, InviteWish } from '../ports/pairing.ts';
import type { InviteRecord } from '../ports/pairing-store.ts';
import { findNode } from './find-node.ts';
import { checkNameFree, inviteStateOf } from './free-name.ts';
import { inboundGrants, warningsFor } from './grant-warnings.ts';
import { encodeInviteCode } from './invite-code.ts';
import { readOffers } from './offers.ts';
import { tailnetNow } from './own-node.ts';
import type { PairingParts } from './parts.ts';

const SECRET_BYTES = 16;
const MOST_OPEN = 20;
const MIN_VALID_MS = 30_000;
const MAX_VALID_MS = 7 * 24 * 3_600_000;

function readValidity(wishedMs: number | undefined): number {
  if (wishedMs === undefined) return INVITE_TTL_MS;
  if (wishedMs >= MIN_VALID_MS && wishedMs <= MAX_VALID_MS) return wishedMs;
  throw new AgentPeerError('input-invalid', 'valid: not a time that an invite can last', 'Use 30s to 7d');
}

function checkRoom({ pairings, clock }: PairingParts): void {
  const open = pairings.listInvites().filter((one) => inviteStateOf(one, clock.now()) === 'open');
  if (open.length < MOST_OPEN) return;
  const what = `${open.length} invites are open already`;
  throw new AgentPeerError('input-invalid', what, 'Cancel one: agent-peer invite list');
}

async function create(parts: PairingParts, wish: InviteWish): ReturnType<Invites['create']> {
  const { pairings, peers, clock, random, digests, log, port, tailnet } = parts;
  const peer = must('input-invalid', parsePeerName(wish.peer));
  const [status, defaultAgent] = await Promise.all([tailnetNow(tailnet), parts.defaultAgent()]);
  checkNameFree(parts, peer);
  checkRoom(parts);
  const now = clock.now();
  const offers = readOffers(wish, { peer, now, defaultAgent });
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const invite: InviteRecord = {
    id: random.word(8),
    peer,
    secretDigest: digests.token(secret),
    nodeId: wish.node === undefined ? null : findNode(wish.node, status).nodeId,
    claimedBy: null,
    expiresAt: now + readValidity(wish.validForMs),
    confirmed: wish.confirmed,
    cancelled: false,
    grants: offers.grants,
    hold: offers.hold,
    peerExpiresAt: offers.expiresAt,
    createdAt: now,
  };
  const warnings = offers.grants.flatMap((grant) => warningsFor(grant, inboundGrants(peers.listGrants())));
  pairings.addInvite(invite);
  log.info('invite-created', { invite: invite.id, peer, confirmed: invite.confirmed });
  const { ipv4: address, nodeId } = status.self;
  const code = encodeInviteCode({ address, port, nodeId, expiresAt: invite.expiresAt, secret });
  return { invite, code, warnings };
}

function notFound(id: string): AgentPeerError {
  return new AgentPeerError(
    'invite-not-found',
    `no invite has the id "${id}"`,
    '`agent-peer invite list` shows them',
  );
}

/** The side that invites: its secret is in the code alone, a digest of it is kept. */
export function createInviteMaker(parts: PairingParts): Pick<Invites, 'create' | 'list' | 'find' | 'cancel'> {
  const { pairings, clock, log } = parts;
  const withState = (invite: InviteRecord) => ({ ...invite, state: inviteStateOf(invite, clock.now()) });
  return {
    create: (wish) => create(parts, wish),
    list: () => pairings.listInvites().map(withState),
    find: (id) => {
      const invite = pairings.findInvite(id);
      if (invite === null) throw notFound(id);
      return withState(invite);
    },
    cancel: (id) => {
      if (pairings.findInvite(id) === null) throw notFound(id);
      if (!pairings.cancelInvite(id)) {
        const what = `invite ${id} has led to a peer, or was cancelled already`;
        throw new AgentPeerError('invite-refused', what, 'A peer is ended with agent-peer peers revoke');
      }
      log.info('invite-cancelled', { invite: id });
    },
  };
}
