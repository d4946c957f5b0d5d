import { isHold } from '../core/grant.ts';
import { parseNodeId, parsePeerName, parseTokenDigest, type NodeId, type PeerName } from '../core/peer.ts';
import type { InviteRecord } from '../ports/pairing-store.ts';
import type { Database } from './database.ts';
import { must, readGrant, unreadable, type GrantRow } from './policy-rows.ts';

interface InviteRow {
  readonly id: string;
  readonly peer: string;
  readonly secretDigest: string;
  readonly nodeId: string | null;
  readonly claimedBy: string | null;
  readonly cancelled: number;
  readonly confirmed: number;
  readonly grants: string;
  readonly hold: string;
  readonly peerExpiresAt: number | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const COLUMNS = `id, peer, secret_digest AS secretDigest, node_id AS nodeId, claimed_by AS claimedBy, cancelled, confirmed,
  grants, hold, peer_expires_at AS peerExpiresAt, created_at AS createdAt, expires_at AS expiresAt`;

/** Kept for a while after their end, for the list. */
const KEEP_MS = 7 * 24 * 3_600_000;

function readNode(raw: string | null): NodeId | null {
  return raw === null ? null : must(parseNodeId(raw));
}

function grantRowOf(grant: InviteRecord['grants'][number]): GrantRow {
  return { ...grant, operations: grant.operations.join(' '), replySession: null };
}

function readInvite(row: InviteRow): InviteRecord {
  const grants = (JSON.parse(row.grants) as readonly GrantRow[]).map(readGrant);
  const inbound = grants.filter((grant) => grant.direction === 'inbound');
  if (inbound.length < grants.length || !isHold(row.hold)) throw unreadable('an invite');
  return {
    id: row.id,
    peer: must(parsePeerName(row.peer)),
    secretDigest: must(parseTokenDigest(row.secretDigest)),
    nodeId: readNode(row.nodeId),
    claimedBy: readNode(row.claimedBy),
    cancelled: row.cancelled !== 0,
    confirmed: row.confirmed !== 0,
    // Its peer may have been renamed since.
    grants: inbound.map((grant) => ({ ...grant, peer: row.peer as PeerName })),
    hold: row.hold,
    peerExpiresAt: row.peerExpiresAt,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
  };
}

export interface InviteTable {
  add(invite: InviteRecord): void;
  list(): readonly InviteRecord[];
  find(id: string): InviteRecord | null;
  /** Those of one name that can still be used. */
  cancelOpen(peer: PeerName): void;
  cancel(id: string): void;
  claimed(id: string, nodeId: NodeId): void;
}

export function createInviteTable(db: Database): InviteTable {
  const insert = db.prepare(
    `INSERT INTO invites (id, peer, secret_digest, node_id, confirmed, grants, hold, peer_expires_at, created_at, expires_at)
     VALUES (:id, :peer, :secretDigest, :nodeId, :confirmed, :grants, :hold, :peerExpiresAt, :createdAt, :expiresAt)`,
  );
  const list = db.prepare<InviteRow>(`SELECT ${COLUMNS} FROM invites ORDER BY created_at DESC, id`);
  const find = db.prepare<InviteRow>(`SELECT ${COLUMNS} FROM invites WHERE id = :id`);
  const forget = db.prepare('DELETE FROM invites WHERE expires_at < :before');
  const cancelOpen = db.prepare('UPDATE invites SET cancelled = 1 WHERE peer = :peer AND claimed_by IS NULL');
  const cancel = db.prepare('UPDATE invites SET cancelled = 1 WHERE id = :id');
  const claimed = db.prepare('UPDATE invites SET claimed_by = :nodeId WHERE id = :id');
  return {
    add: (invite) => {
      const { id, peer, secretDigest, nodeId, hold, peerExpiresAt, createdAt, expiresAt } = invite;
      forget.run({ before: createdAt - KEEP_MS });
      const confirmed = Number(invite.confirmed);
      const grants = JSON.stringify(invite.grants.map(grantRowOf));
      const terms = { confirmed, grants, hold, peerExpiresAt };
      insert.run({ id, peer, secretDigest, nodeId, ...terms, createdAt, expiresAt });
    },
    list: () => list.all().map(readInvite),
    find: (id) => {
      const row = find.get({ id });
      return row === null ? null : readInvite(row);
    },
    cancelOpen: (peer) => cancelOpen.run({ peer }),
    cancel: (id) => cancel.run({ id }),
    claimed: (id, nodeId) => claimed.run({ id, nodeId }),
  };
}
