import type { CredentialStore } from '../ports/credentials.ts';
import type { Database } from './database.ts';
import { purposeOf, type Sealer } from './sealed.ts';

export function createCredentialStore(db: Database, sealer: Sealer): CredentialStore {
  const select = db.prepare<{ sealed: Uint8Array }>('SELECT sealed FROM credentials WHERE name = :name');
  const upsert = db.prepare(
    'INSERT INTO credentials (name, sealed) VALUES (:name, :sealed) ON CONFLICT (name) DO UPDATE SET sealed = :sealed',
  );
  const remove = db.prepare('DELETE FROM credentials WHERE name = :name');
  return {
    read: (name) => {
      const row = select.get({ name });
      return row === null ? null : sealer.open(purposeOf.credential(name), row.sealed);
    },
    write: (name, value) => upsert.run({ name, sealed: sealer.seal(purposeOf.credential(name), value) }),
    remove: (name) => remove.run({ name }),
  };
}
