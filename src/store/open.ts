import { join } from 'node:path';
import { POLICY_LIMITS, type PolicyLimits } from '../core/policy.ts';
import type { Restore } from '../core/restore.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChangeStore } from '../ports/changes.ts';
import type { CredentialStore } from '../ports/credentials.ts';
import type { Clock } from '../ports/machine.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { InboxStore, OutboxStore } from '../ports/messages.ts';
import type { NoticeStore } from '../ports/notices.ts';
import type { PairingStore } from '../ports/pairing-store.ts';
import type { PeerStore, TokenStore } from '../ports/policy-store.ts';
import type { RetentionStore } from '../ports/retention.ts';
import type { Snapshots } from '../ports/snapshot.ts';
import { createChangeStore } from './changes.ts';
import { createClockMark, type ClockMark } from './clock-mark.ts';
import { createCredentialStore } from './credentials.ts';
import { openDatabase } from './database.ts';
import { checkPages, prepareFile } from './file-checks.ts';
import { createInboxStore } from './inbox.ts';
import { createGuardCounts } from './guard-counts.ts';
import { createGrantTable } from './grants.ts';
import { migrate, SCHEMA } from './migrations.ts';
import { keepOldSchema } from './old-schema.ts';
import { createNoticeStore } from './notices.ts';
import { createOutboxStore } from './outbox.ts';
import { createPairingTable } from './pairing-rows.ts';
import { createPairingStore } from './pairings.ts';
import { createPeerTable } from './peer-table.ts';
import { createPeerStore } from './peers.ts';
import { createRestoreTable } from './restores.ts';
import { createReserve, type Reserve } from './reserve.ts';
import { createRetentionStore } from './retention.ts';
import { openSealer } from './sealed-rows.ts';
import { removeLeftovers } from './side-files.ts';
import { createSnapshots } from './snapshots.ts';
import { createStackRow } from './stack-row.ts';

export interface Store {
  readonly peers: PeerStore & TokenStore;
  readonly pairings: PairingStore;
  readonly outbox: OutboxStore;
  readonly inbox: InboxStore;
  readonly guard: GuardCounts;
  readonly changes: ChangeStore;
  readonly notices: NoticeStore;
  readonly credentials: CredentialStore;
  readonly snapshots: Snapshots;
  readonly retention: RetentionStore;
  /** Each time that this database was put back from a backup. */
  readonly restores: readonly Restore[];
  /** Takes again, when there is room, the space that is kept for a full disk. */
  readonly reserve: Pick<Reserve, 'fill'>;
  close(): void;
}

export interface StoreOptions {
  /** An existing folder, ours alone; the database is `agent-peer.db` in it. */
  readonly dataDir: string;
  /** The file of 32 random bytes that seals secrets; made at the first start. */
  readonly keyFile: string;
  /** What peers may send; the built-in ones when absent. */
  readonly limits?: PolicyLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** Neither a disk that is still full nor a policy that is unreadable must keep the proxy from starting, and saying so. */
function endAtStart(end: () => void, log: Log): void {
  try {
    end();
  } catch (error) {
    // Whoever asks for the policy is told what is wrong with it.
    log.warn('messages-of-revoked-not-ended', { error: messageOf(error) });
  }
}

/** A disk that takes nothing any more must not keep the store from being closed. */
function endMark(mark: ClockMark, log: Log): void {
  try {
    mark.close();
  } catch (error) {
    log.warn('clock-mark-not-written', { error: messageOf(error) });
  }
}

/**
 * Opens the one database of this stack for this process alone. Throws AgentPeerError `storage-locked` when another
 * proxy has it, and `storage-unavailable` when the folder, the file, the schema or the key file cannot be used.
 */
export function openStore({ dataDir, keyFile, limits = POLICY_LIMITS, clock, log }: StoreOptions): Store {
  const file = join(dataDir, 'agent-peer.db');
  prepareFile(dataDir, file);
  const db = openDatabase(file);
  try {
    removeLeftovers(dataDir);
    checkPages(db);
    keepOldSchema(db, log);
    migrate(db);
    const sealer = openSealer(db, keyFile);
    const reserve = createReserve(dataDir, log);
    reserve.fill();
    const mark = createClockMark(db, clock);
    const table = createPeerTable(db, sealer, clock);
    const grants = createGrantTable(db, clock);
    const pairings = createPairingTable(db, sealer);
    const stack = createStackRow(db);
    const parts = { table, grants, pairings, stack, mark, limits, reserve };
    const { change, endLeftovers, ...peers } = createPeerStore(db, parts);
    const store = {
      peers,
      pairings: createPairingStore({ db, pairings, table, grants, change }),
      outbox: createOutboxStore(db),
      inbox: createInboxStore(db),
      guard: createGuardCounts(db),
      changes: createChangeStore(db),
      notices: createNoticeStore(db),
      credentials: createCredentialStore(db, sealer),
      snapshots: createSnapshots(db, dataDir, log),
      retention: createRetentionStore(db),
      restores: createRestoreTable(db).list(),
      reserve,
      close: () => {
        endMark(mark, log);
        db.close();
      },
    };
    endAtStart(() => endLeftovers(clock.now()), log);
    log.info('store-opened', { file, schema: SCHEMA });
    return store;
  } catch (error) {
    db.close();
    throw error;
  }
}
