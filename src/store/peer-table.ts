import type { Peer, PeerName, PeerState } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { Database } from './database.ts';
import { readPeer, type PeerRow } from './policy-rows.ts';
import { purposeOf, type Sealer } from './sealed.ts';

const COLUMNS = `name, node_id AS nodeId, login, token_digest AS tokenDigest, state, expires_at AS expiresAt,
  overlap_digest AS overlapDigest, overlap_until AS overlapUntil, reply_mode AS replyMode, port`;

/** The rows of peers, and the sealed tokens in them. What a change means is for those who make it. */
export interface PeerTable {
  find(name: string): Peer | null;
  list(): readonly Peer[];
  /** Throws AgentPeerError `peer-not-found`. */
  must(name: string): Peer;
  /** Puts it in the place of the one of that name, if there is one, whose sealed tokens go. */
  put(peer: Peer): void;
  /** Of one that is there already; its sealed tokens stay. */
  update(peer: Peer): void;
  setState(name: PeerName, state: PeerState): void;
  /** What we present to it. */
  outbound(name: PeerName): string | null;
  putOutbound(name: PeerName, token: string | null): void;
  /** What it is to present, while it may not have heard it. */
  untold(name: PeerName): string | null;
  putUntold(name: PeerName, token: string | null): void;
}

function peerNotFound(name: string): AgentPeerError {
  return new AgentPeerError(
    'peer-not-found',
    `no peer is called "${name}"`,
    '`agent-peer peers list` shows them all',
  );
}

export function peerExists(name: string): AgentPeerError {
  return new AgentPeerError('peer-exists', `there is a peer called "${name}" already`, 'Choose another name');
}

function valuesOf({ name, nodeId, login, tokenDigest, overlap, state, expiresAt, replies }: Peer) {
  const overlapDigest = overlap?.digest ?? null;
  const overlapUntil = overlap?.until ?? null;
  const wire = { replyMode: replies.mode, port: replies.mode === 'send-back' ? replies.port : null };
  return { name, nodeId, login, tokenDigest, overlapDigest, overlapUntil, state, expiresAt, ...wire };
}

function statements(db: Database) {
  const set = `node_id = :nodeId, login = :login, token_digest = :tokenDigest, overlap_digest = :overlapDigest,
    overlap_until = :overlapUntil, state = :state, expires_at = :expiresAt, reply_mode = :replyMode, port = :port`;
  return {
    put: db.prepare(
      `INSERT INTO peers (name, node_id, login, token_digest, overlap_digest, overlap_until, state, expires_at, reply_mode,
         port, created_at)
       VALUES (:name, :nodeId, :login, :tokenDigest, :overlapDigest, :overlapUntil, :state, :expiresAt, :replyMode, :port,
         :now)
       ON CONFLICT (name) DO UPDATE SET ${set}, outbound_token = NULL, untold_token = NULL, created_at = :now`,
    ),
    update: db.prepare(`UPDATE peers SET ${set} WHERE name = :name`),
    setState: db.prepare('UPDATE peers SET state = :state WHERE name = :name'),
    find: db.prepare<PeerRow>(`SELECT ${COLUMNS} FROM peers WHERE name = :name`),
    list: db.prepare<PeerRow>(`SELECT ${COLUMNS} FROM peers ORDER BY name`),
    readOutbound: db.prepare<Sealed>('SELECT outbound_token AS sealed FROM peers WHERE name = :name'),
    writeOutbound: db.prepare('UPDATE peers SET outbound_token = :sealed WHERE name = :name'),
    readUntold: db.prepare<Sealed>('SELECT untold_token AS sealed FROM peers WHERE name = :name'),
    writeUntold: db.prepare('UPDATE peers SET untold_token = :sealed WHERE name = :name'),
  };
}

interface Sealed {
  readonly sealed: Uint8Array | null;
}

export function createPeerTable(db: Database, sealer: Sealer, clock: Clock): PeerTable {
  const sql = statements(db);
  const find = (name: string): Peer | null => {
    const row = sql.find.get({ name });
    return row === null ? null : readPeer(row);
  };
  const open = (row: Sealed | null, purpose: string): string | null =>
    row?.sealed == null ? null : sealer.open(purpose, row.sealed);
  const seal = (token: string | null, purpose: string): Uint8Array | null =>
    token === null ? null : sealer.seal(purpose, token);
  return {
    find,
    list: () => sql.list.all().map(readPeer),
    must: (name) => {
      const peer = find(name);
      if (peer === null) throw peerNotFound(name);
      return peer;
    },
    put: (peer) => sql.put.run({ ...valuesOf(peer), now: clock.now() }),
    update: (peer) => sql.update.run(valuesOf(peer)),
    setState: (name, state) => sql.setState.run({ name, state }),
    outbound: (name) => open(sql.readOutbound.get({ name }), purposeOf.peerToken(name)),
    putOutbound: (name, token) =>
      sql.writeOutbound.run({ name, sealed: seal(token, purposeOf.peerToken(name)) }),
    untold: (name) => open(sql.readUntold.get({ name }), purposeOf.untoldToken(name)),
    putUntold: (name, token) =>
      sql.writeUntold.run({ name, sealed: seal(token, purposeOf.untoldToken(name)) }),
  };
}
