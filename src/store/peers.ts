import type { Grant } from '../core/grant.ts';
import type { Peer, PeerName } from '../core/peer.ts';
import { buildPolicy, type Policy, type PolicyLimits } from '../core/policy.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { ClockMark } from './clock-mark.ts';
import type { Database } from './database.ts';
import { createGrantTable } from './grants.ts';
import { readPeer, unreadable, type PeerRow } from './policy-rows.ts';
import { purposeOf, type Sealer } from './sealed.ts';

const COLUMNS = 'name, node_id AS nodeId, login, token_digest AS tokenDigest, state, expires_at AS expiresAt';

function statements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO peers (name, node_id, login, token_digest, state, expires_at, created_at)
       VALUES (:name, :nodeId, :login, :tokenDigest, :state, :expiresAt, :now)`,
    ),
    find: db.prepare<PeerRow>(`SELECT ${COLUMNS} FROM peers WHERE name = :name`),
    list: db.prepare<PeerRow>(`SELECT ${COLUMNS} FROM peers ORDER BY name`),
    readToken: db.prepare<{ sealed: Uint8Array | null }>(
      'SELECT outbound_token AS sealed FROM peers WHERE name = :name',
    ),
    writeToken: db.prepare('UPDATE peers SET outbound_token = :sealed WHERE name = :name'),
  };
}

function peerNotFound(name: string): AgentPeerError {
  return new AgentPeerError(
    'peer-not-found',
    `no peer is called "${name}"`,
    '`agent-peer peers list` shows them all',
  );
}

export function createPeerStore(
  db: Database,
  sealer: Sealer,
  { clock, mark, limits }: { readonly clock: Clock; readonly mark: ClockMark; readonly limits: PolicyLimits },
): PeerStore {
  const sql = statements(db);
  const grants = createGrantTable(db, clock);
  let snapshot: Policy | null = null;

  const find = (name: string): Peer | null => {
    const row = sql.find.get({ name });
    return row === null ? null : readPeer(row);
  };
  const list = (): readonly Peer[] => sql.list.all().map(readPeer);
  /** The snapshot goes only after the change is on disk: until then the old policy is the one that holds. */
  const change = (peer: PeerName, mustExist: boolean, work: () => void): void => {
    db.transaction(() => {
      const exists = find(peer) !== null;
      if (mustExist && !exists) throw peerNotFound(peer);
      if (!mustExist && exists) {
        throw new AgentPeerError(
          'peer-exists',
          `there is a peer called "${peer}" already`,
          'Choose another name',
        );
      }
      work();
    });
    snapshot = null;
  };

  const read = (asOf: number): Policy => {
    const policy = buildPolicy({ peers: list(), grants: grants.list(), limits, asOf });
    if (!policy.ok) throw unreadable(policy.problem.what);
    return policy.value;
  };

  return {
    // The mark is read from the database each time: with a store that is gone there is no policy either.
    policy: () => {
      const asOf = mark.latest();
      snapshot ??= read(asOf);
      return { ...snapshot, asOf };
    },
    acceptClock: () => mark.accept(),
    addPeer: ({ name, nodeId, login, tokenDigest, state, expiresAt }: Peer) =>
      change(name, false, () =>
        sql.insert.run({ name, nodeId, login, tokenDigest, state, expiresAt, now: clock.now() }),
      ),
    findPeer: find,
    listPeers: list,
    putGrant: (grant: Grant) => change(grant.peer, true, () => grants.put(grant)),
    listGrants: (peer) => grants.list(peer),
    outboundToken: (name) => {
      const sealed = sql.readToken.get({ name })?.sealed ?? null;
      return sealed === null ? null : sealer.open(purposeOf.peerToken(name), sealed);
    },
    putOutboundToken: (name, token) =>
      change(name, true, () =>
        sql.writeToken.run({ name, sealed: sealer.seal(purposeOf.peerToken(name), token) }),
      ),
  };
}
