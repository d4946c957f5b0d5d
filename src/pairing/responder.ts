import type { Invite } from '../core/invite.ts';
import { COMPLETE_NEWS, hear, newsOf } from '../core/pairing.ts';
import type { PeerName } from '../core/peer.ts';
import { newPeerToken } from '../digests.ts';
import { AgentPeerError } from '../errors.ts';
import type { Claim, ClaimAnswer, PairingResponder } from '../ports/pairing.ts';
import type { InviteRecord } from '../ports/pairing-store.ts';
import type { TailnetNode } from '../ports/tailnet.ts';
import { INVITE_TTL_MS } from '../core/invite.ts';
import { newPeer } from './new-peer.ts';
import type { PairingParts } from './parts.ts';

/** How long the token before the present one is still good: longer than any request that began with it. */
export const OVERLAP_MS = 60_000;

function recordOf({ pairings }: PairingParts, { secretDigest }: Invite): InviteRecord {
  const record = pairings.findInviteBySecret(secretDigest);
  if (record !== null) return record;
  throw new AgentPeerError('internal-error', 'the invite is gone', 'This is a fault of agent-peer');
}

function begin(parts: PairingParts, invite: InviteRecord, node: TailnetNode, claim: Claim): string {
  const { pairings, digests, clock, log } = parts;
  const now = clock.now();
  const about = { name: invite.peer, state: 'provisional', expiresAt: invite.peerExpiresAt } as const;
  const { peer, token } = newPeer(digests, node, about);
  const record = {
    secret: null,
    hasToken: true,
    hold: invite.hold,
    ownConfirmed: invite.confirmed,
    otherConfirmed: claim.confirmed,
    otherReady: false,
    offered: claim.offers,
    createdAt: now,
    expiresAt: now + INVITE_TTL_MS,
  };
  pairings.claim(invite, node.nodeId, { peer, token, grants: invite.grants, record }, claim.token);
  log.info('invite-used', { invite: invite.id, peer: peer.name, nodeId: node.nodeId, login: node.login });
  return token;
}

/** Who did not hear the answer asks again, with the same token of its own: it is answered the same. */
function again({ peers, pairings }: PairingParts, invite: InviteRecord, claim: Claim): string | null {
  if (pairings.find(invite.peer) === null) return null;
  return peers.outboundToken(invite.peer) === claim.token ? peers.untold(invite.peer) : null;
}

function claimed(parts: PairingParts, invite: InviteRecord, token: string): ClaimAnswer {
  const { pairings, clock } = parts;
  const record = pairings.find(invite.peer);
  const now = clock.now();
  return {
    token,
    offers: invite.grants.map(({ alias }) => alias),
    ...(record === null ? COMPLETE_NEWS : newsOf(record)),
    expiresInSeconds: Math.max(1, Math.ceil(((record?.expiresAt ?? now) - now) / 1000)),
    now,
  };
}

/** What this stack does when another one asks it, the judge having allowed it. `soon`: there is news for this peer. */
export function createPairingResponder(
  parts: PairingParts,
  soon: (peer: PeerName) => void,
): PairingResponder {
  const { peers, pairings, digests, clock, log, reach } = parts;
  const tell = (peer: PeerName) => void setImmediate(() => soon(peer));
  return {
    invites: () => pairings.listInvites().filter(({ cancelled }) => !cancelled),
    claim: (judged, node, claim) => {
      reach('claim-permitted');
      const invite = recordOf(parts, judged);
      const token = again(parts, invite, claim) ?? begin(parts, invite, node, claim);
      reach('claim-stored');
      return claimed(parts, invite, token);
    },
    hear: ({ name }, news) => {
      reach('news-heard');
      const stage = pairings.update(name, (facts) => hear(facts, news));
      if (stage === 'complete') {
        log.info('pairing-complete', { peer: name });
        parts.onChanged(name);
      }
      reach('news-stored');
      const record = pairings.find(name);
      return record === null ? COMPLETE_NEWS : newsOf(record);
    },
    rotate: ({ name }, token) => {
      const fresh = newPeerToken();
      const own = peers.overlap(name, { token: fresh, digest: digests.token(fresh) }, clock.now());
      peers.putOutboundToken(name, token);
      reach('rotation-stored');
      // To present the token that was just heard: that is how the other knows that its old one can end.
      tell(name);
      return own;
    },
    presented: ({ name }, digest) => {
      // A claim that was not answered is repeated word for word, and so with this token.
      if (pairings.find(name)?.hasToken === false) return;
      peers.presented(name, digest, { now: clock.now(), graceMs: OVERLAP_MS });
    },
  };
}
