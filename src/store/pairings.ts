import { stageOf } from '../core/pairing.ts';
import type { PeerName } from '../core/peer.ts';
import type { NewPairing, PairingRecord, PairingStore } from '../ports/pairing-store.ts';
import type { Database } from './database.ts';
import type { GrantTable } from './grants.ts';
import { createInviteTable } from './invites.ts';
import type { PairingTable } from './pairing-rows.ts';
import type { PeerTable } from './peer-table.ts';
import { peerExists } from './peer-table.ts';
import type { ChangePolicy } from './peers.ts';

export interface PairingStoreParts {
  readonly db: Database;
  readonly pairings: PairingTable;
  readonly table: PeerTable;
  readonly grants: GrantTable;
  readonly change: ChangePolicy;
}

/**
 * Pairings that are under way. Whatever is granted for one stands there from its beginning, under a peer that is
 * provisional and may do nothing: the last step is the change of one word.
 */
export function createPairingStore({ db, pairings, table, grants, change }: PairingStoreParts): PairingStore {
  const invites = createInviteTable(db);
  /** Not where a message refers to it: such a one was a peer before, and is one no more. */
  const forget = db.prepare(
    `DELETE FROM peers WHERE name = :peer AND NOT EXISTS (SELECT 1 FROM outbox WHERE peer = :peer)
       AND NOT EXISTS (SELECT 1 FROM inbox WHERE peer = :peer)`,
  );

  const drop = (peer: PeerName): void => {
    if (table.find(peer)?.state !== 'provisional') return;
    pairings.remove(peer);
    grants.clear(peer);
    table.setState(peer, 'revoked');
    table.putOutbound(peer, null);
    table.putUntold(peer, null);
    forget.run({ peer });
  };

  /** Agents here may write to whoever offers something: an owner who agrees to the pairing agrees to that. */
  const allowOutbound = ({ peer, hold, offered }: PairingRecord): void => {
    if (offered === null || offered.length === 0) return;
    grants.put({ direction: 'outbound', peer, alias: 'any', hold, replySession: null, expiresAt: null });
  };

  const put = ({ peer, token, grants: given, record }: NewPairing): void => {
    const before = table.find(peer.name);
    if (before?.state === 'provisional') drop(peer.name);
    else if (before !== null && before.state !== 'revoked') throw peerExists(peer.name);
    table.put(peer);
    table.putUntold(peer.name, token);
    grants.clear(peer.name);
    for (const grant of given) grants.put(grant);
    const pairing = { ...record, peer: peer.name };
    pairings.put(pairing);
    allowOutbound(pairing);
  };

  const update: PairingStore['update'] = (peer, apply) => {
    const before = pairings.find(peer);
    if (before === null) return null;
    const after = apply(before);
    const stage = stageOf(after);
    pairings.putFacts(peer, after);
    if (stage !== 'complete') return stage;
    pairings.remove(peer);
    table.setState(peer, 'active');
    return stage;
  };

  const cancel = (id: string): boolean => {
    const invite = invites.find(id);
    if (invite === null || invite.cancelled) return false;
    // An older one under this name has led to a pairing that was given up; what waits is the newest one's.
    const newest = invites.list().find(({ peer, claimedBy }) => peer === invite.peer && claimedBy !== null);
    const pairing = newest?.id === id ? pairings.find(invite.peer) : null;
    if (invite.claimedBy !== null && pairing === null) return false;
    invites.cancel(id);
    if (pairing !== null) drop(invite.peer);
    return true;
  };

  return {
    addInvite: (invite) =>
      change(() => {
        invites.cancelOpen(invite.peer);
        drop(invite.peer);
        invites.add(invite);
      }),
    listInvites: () => invites.list(),
    findInvite: (id) => invites.find(id),
    findInviteBySecret: (digest) => invites.list().find((one) => one.secretDigest === digest) ?? null,
    cancelInvite: (id) => change(() => cancel(id)),
    claim: (invite, nodeId, pairing, outbound) =>
      change(() => {
        put(pairing);
        table.putOutbound(pairing.peer.name, outbound);
        invites.claimed(invite.id, nodeId);
      }),
    begin: (pairing) => change(() => put(pairing)),
    find: (peer) => pairings.find(peer),
    list: () => pairings.list(),
    answered: (peer, { token, offered, expiresAt }) =>
      change(() => {
        const before = pairings.find(peer);
        if (before === null) return;
        table.putOutbound(peer, token);
        // It has the token that was made for it on its disk, or it would not have answered.
        table.putUntold(peer, null);
        const pairing = { ...before, secret: null, hasToken: true, offered, expiresAt };
        pairings.put(pairing);
        allowOutbound(pairing);
      }),
    update: (peer, apply) => change(() => update(peer, apply)),
    drop: (peer) => change(() => drop(peer)),
  };
}
