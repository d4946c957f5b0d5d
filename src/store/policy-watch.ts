import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PeerStore } from '../ports/policy-store.ts';

export interface PolicyWatchDeps {
  readonly peers: Pick<PeerStore, 'policy'>;
  readonly log: Log;
  readonly everyMs: number;
}

/**
 * Reads the policy now and then: a stack that nobody asks anything must see the time pass too, or a clock that is set
 * back brings back what expired in the meantime. Tells the owner, once each time, when the policy cannot be read and
 * when it can again: requests do not, or anybody could fill the log. Answers what ends it.
 */
export function watchPolicy({ peers, log, everyMs }: PolicyWatchDeps): () => void {
  let problem: string | null = null;
  const look = (): void => {
    try {
      peers.policy();
      if (problem !== null) log.info('policy-readable');
      problem = null;
    } catch (error) {
      const now = messageOf(error);
      if (now !== problem) log.error('policy-unavailable', { error: now });
      problem = now;
    }
  };
  look();
  const timer = setInterval(look, everyMs);
  return () => clearInterval(timer);
}
