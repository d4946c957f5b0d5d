import type { Restore } from '../core/restore.ts';
import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export interface RestoredStore {
  readonly peers: Pick<PeerStore, 'listPeers'>;
  readonly restores: readonly Restore[];
}

const iso = (instant: number) => new Date(instant).toISOString();

/** A stack that was restored does less than before, until its owner has done something: it says so at each start. */
export function tellRestore({ peers, restores }: RestoredStore, log: Log): void {
  const last = restores.at(-1);
  if (last === undefined) return;
  const times = { backupOf: iso(last.takenAt), at: iso(last.restoredAt) };
  try {
    const paused = peers.listPeers().filter(({ state }) => state === 'paused');
    if (paused.length === 0) log.info('restored', times);
    else
      log.warn('restored', {
        ...times,
        paused: paused.map(({ name }) => name),
        fix: 'Look at each and confirm it: agent-peer peers confirm <name>',
      });
  } catch (error) {
    // That the policy cannot be read is told by those who need it.
    if (!(error instanceof AgentPeerError)) throw error;
  }
}
