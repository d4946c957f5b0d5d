import type { Database } from './database.ts';
import { loadKeyFile } from './key-file.ts';
import { createSealer, purposeOf, type Sealer } from './sealed.ts';

interface SealedPlace {
  readonly kind: keyof typeof purposeOf;
  readonly table: string;
  /** Whose value it is; its purpose names that. */
  readonly owner: string;
  readonly column: string;
}

/** Everything in the database that is sealed. What is not in this list is lost when the key changes. */
const PLACES: readonly SealedPlace[] = [
  { kind: 'peerToken', table: 'peers', owner: 'name', column: 'outbound_token' },
  { kind: 'untoldToken', table: 'peers', owner: 'name', column: 'untold_token' },
  { kind: 'inviteSecret', table: 'pairings', owner: 'peer', column: 'secret' },
  { kind: 'credential', table: 'credentials', owner: 'name', column: 'sealed' },
];

interface SealedRow extends SealedPlace {
  readonly name: string;
  readonly sealed: Uint8Array;
}

function sealedRows(db: Database): readonly SealedRow[] {
  return PLACES.flatMap((place) => {
    const { table, owner, column } = place;
    const rows = db
      .prepare<{ name: string; sealed: Uint8Array }>(
        `SELECT ${owner} AS name, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL`,
      )
      .all();
    return rows.map((row) => ({ ...place, ...row }));
  });
}

/** A wrong key is told at the start, and not hours later by the first message to a peer. */
export function openSealer(db: Database, keyFile: string): Sealer {
  const rows = sealedRows(db);
  const sealer = createSealer(loadKeyFile(keyFile, rows.length > 0), keyFile);
  for (const { kind, name, sealed } of rows) sealer.open(purposeOf[kind](name), sealed);
  return sealer;
}

/** In a transaction of its caller's. Throws AgentPeerError `storage-unavailable` when `from` does not open one. */
export function sealAnew(db: Database, from: Sealer, to: Sealer): void {
  for (const { kind, table, owner, column, name, sealed } of sealedRows(db)) {
    const purpose = purposeOf[kind](name);
    const update = db.prepare(`UPDATE ${table} SET ${column} = :sealed WHERE ${owner} = :name`);
    update.run({ name, sealed: to.seal(purpose, from.open(purpose, sealed)) });
  }
}
