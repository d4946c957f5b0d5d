import type { Grant } from '../core/grant.ts';
import type { Peer, PeerName } from '../core/peer.ts';
import { buildPolicy, type Policy, type PolicyLimits } from '../core/policy.ts';
import type { EndedMessages, PeerStore, TokenStore } from '../ports/policy-store.ts';
import type { ClockMark } from './clock-mark.ts';
import type { Database } from './database.ts';
import type { GrantTable } from './grants.ts';
import type { PairingTable } from './pairing-rows.ts';
import { createPeerChanges } from './peer-changes.ts';
import { peerExists, type PeerTable } from './peer-table.ts';
import { createPeerTokens } from './peer-tokens.ts';
import { unreadable } from './policy-rows.ts';
import type { Reserve } from './reserve.ts';
import { isFull } from './storage-errors.ts';
import type { StackRow } from './stack-row.ts';

export interface PeerStoreParts {
  readonly table: PeerTable;
  readonly grants: GrantTable;
  readonly pairings: PairingTable;
  readonly stack: StackRow;
  readonly mark: ClockMark;
  readonly limits: PolicyLimits;
  readonly reserve: Reserve;
}

/** On a full disk once more, with the space that is kept for this: who may do what must not depend on a full disk. */
function withReserve<T>(reserve: Reserve, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isFull(error) || !reserve.giveUp()) throw error;
    const result = work();
    // What is left of it is kept for the next time, before new messages take it.
    reserve.fill();
    return result;
  }
}

/** Makes a change of who may do what: on disk, all of it or nothing, before anybody is judged by it. */
export type ChangePolicy = <T>(work: () => T) => T;

export interface PolicyTables extends PeerStore, TokenStore {
  readonly change: ChangePolicy;
  /** Ends what a revoke could not end on a full disk. */
  readonly endLeftovers: (now: number) => void;
}

export function createPeerStore(
  db: Database,
  { table, grants, pairings, stack, mark, limits, reserve }: PeerStoreParts,
): PolicyTables {
  const changes = createPeerChanges(db, table, pairings);
  const tokens = createPeerTokens(table);
  let snapshot: Policy | null = null;

  /** The snapshot goes only after the change is on disk: until then the old policy is the one that holds. */
  const change: ChangePolicy = (work) => {
    const result = withReserve(reserve, () => db.transaction(work));
    snapshot = null;
    return result;
  };

  const read = (asOf: number): Policy => {
    const parts = { peers: table.list(), grants: grants.list(), isPaused: stack.isPaused() };
    const policy = buildPolicy({ ...parts, limits, asOf });
    if (!policy.ok) throw unreadable(policy.problem.what);
    return policy.value;
  };

  const addPeer = (peer: Peer): void => {
    const before = table.find(peer.name);
    if (before !== null && before.state !== 'revoked') throw peerExists(peer.name);
    table.put(peer);
    grants.clear(peer.name);
  };
  /** Of a peer that is there. */
  const changeOf = (name: PeerName, work: (peer: Peer) => void): void => change(() => work(table.must(name)));

  /** A disk that has no room to end all its messages has room to shut the peer out; they are ended at the next start. */
  const revoke = (name: PeerName, now: number): EndedMessages => {
    try {
      return change(() => changes.revoke(name, now));
    } catch (error) {
      if (!isFull(error)) throw error;
      change(() => changes.shut(name));
      reserve.fill();
      return { outbox: [], inbox: [] };
    }
  };

  const endLeftovers = (now: number): void => {
    for (const { name, state } of table.list())
      if (state === 'revoked') change(() => changes.endMessages(name, now));
  };

  return {
    change,
    endLeftovers,
    // The mark is read from the database each time: with a store that is gone there is no policy either.
    policy: () => {
      const asOf = mark.latest();
      snapshot ??= read(asOf);
      return { ...snapshot, asOf };
    },
    acceptClock: () => mark.accept(),
    addPeer: (peer) => change(() => addPeer(peer)),
    findPeer: (name) => table.find(name),
    listPeers: () => table.list(),
    putGrant: (grant: Grant) => changeOf(grant.peer, () => grants.put(grant)),
    removeGrant: (direction, peer, alias) => change(() => grants.remove(direction, peer, alias)),
    listGrants: (peer) => grants.list(peer),
    outboundToken: (name) => table.outbound(name),
    putOutboundToken: (name, token) => changeOf(name, () => table.putOutbound(name, token)),
    isPaused: () => stack.isPaused(),
    setPaused: (paused) => change(() => stack.setPaused(paused)),
    pause: (name) => changeOf(name, () => table.setState(name, 'paused')),
    resume: (name) => changeOf(name, () => table.setState(name, 'active')),
    rename: (name, to) => change(() => changes.rename(name, to)),
    rebind: (name, node) => changeOf(name, (peer) => table.update({ ...peer, ...node })),
    setReplies: (name, replies) => changeOf(name, (peer) => table.update({ ...peer, replies })),
    revoke: (name, now) => revoke(name, now),
    untold: (name) => table.untold(name),
    overlap: (name, fresh, now) => change(() => tokens.overlap(name, fresh, now)),
    presented: (name, digest, at) => change(() => tokens.presented(name, digest, at)),
  };
}
