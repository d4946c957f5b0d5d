import { parseAlias } from '../core/alias.ts';
import { isHold } from '../core/grant.ts';
import type { PairingFacts } from '../core/pairing.ts';
import { parsePeerName, type PeerName } from '../core/peer.ts';
import type { PairingRecord } from '../ports/pairing-store.ts';
import type { Database } from './database.ts';
import { must, unreadable } from './policy-rows.ts';
import { purposeOf, type Sealer } from './sealed.ts';

interface PairingRow {
  readonly peer: string;
  readonly secret: Uint8Array | null;
  readonly hold: string;
  readonly ownConfirmed: number;
  readonly otherConfirmed: number;
  readonly otherReady: number;
  readonly offered: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const COLUMNS = `peer, secret, hold, own_confirmed AS ownConfirmed, other_confirmed AS otherConfirmed,
  other_ready AS otherReady, offered, created_at AS createdAt, expires_at AS expiresAt`;

export interface PairingTable {
  /** In the place of the one of that peer, if there is one. */
  put(record: PairingRecord): void;
  putFacts(peer: PeerName, facts: PairingFacts): void;
  find(peer: PeerName): PairingRecord | null;
  list(): readonly PairingRecord[];
  remove(peer: PeerName): void;
}

function readOffered(raw: string | null): PairingRecord['offered'] {
  return raw === null
    ? null
    : raw.split(' ').flatMap((alias) => (alias === '' ? [] : must(parseAlias(alias))));
}

export function createPairingTable(db: Database, sealer: Sealer): PairingTable {
  const put = db.prepare(
    `INSERT OR REPLACE INTO pairings (peer, secret, hold, own_confirmed, other_confirmed, other_ready, offered,
       created_at, expires_at)
     VALUES (:peer, :secret, :hold, :ownConfirmed, :otherConfirmed, :otherReady, :offered, :createdAt, :expiresAt)`,
  );
  const putFacts = db.prepare(
    `UPDATE pairings SET own_confirmed = :ownConfirmed, other_confirmed = :otherConfirmed, other_ready = :otherReady
     WHERE peer = :peer`,
  );
  const find = db.prepare<PairingRow>(`SELECT ${COLUMNS} FROM pairings WHERE peer = :peer`);
  const list = db.prepare<PairingRow>(`SELECT ${COLUMNS} FROM pairings ORDER BY peer`);
  const remove = db.prepare('DELETE FROM pairings WHERE peer = :peer');

  const flags = ({ ownConfirmed, otherConfirmed, otherReady }: PairingFacts) => ({
    ownConfirmed: Number(ownConfirmed),
    otherConfirmed: Number(otherConfirmed),
    otherReady: Number(otherReady),
  });
  const read = (row: PairingRow): PairingRecord => {
    if (!isHold(row.hold)) throw unreadable('a pairing');
    return {
      peer: must(parsePeerName(row.peer)),
      secret: row.secret === null ? null : sealer.open(purposeOf.inviteSecret(row.peer), row.secret),
      // The secret is kept until the claim is answered, and the answer brings the token.
      hasToken: row.secret === null,
      hold: row.hold,
      ownConfirmed: row.ownConfirmed !== 0,
      otherConfirmed: row.otherConfirmed !== 0,
      otherReady: row.otherReady !== 0,
      offered: readOffered(row.offered),
      createdAt: row.createdAt,
      expiresAt: row.expiresAt,
    };
  };
  return {
    put: ({ peer, secret, hold, offered, createdAt, expiresAt, ...facts }) =>
      put.run({
        peer,
        secret: secret === null ? null : sealer.seal(purposeOf.inviteSecret(peer), secret),
        hold,
        ...flags(facts),
        offered: offered?.join(' ') ?? null,
        createdAt,
        expiresAt,
      }),
    putFacts: (peer, facts) => putFacts.run({ peer, ...flags(facts) }),
    find: (peer) => {
      const row = find.get({ peer });
      return row === null ? null : read(row);
    },
    list: () => list.all().map(read),
    remove: (peer) => remove.run({ peer }),
  };
}
