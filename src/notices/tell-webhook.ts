import { TELLING_LIMITS, tellAgainMs } from '../core/notice.ts';
import type { Log } from '../log.ts';
import type { Clock, Random } from '../ports/machine.ts';
import type { Notice, NoticeStore, NoticeWebhook } from '../ports/notices.ts';

export interface TellParts {
  readonly store: NoticeStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** One that was never tried is tried once, however old: the webhook may be newer than it. */
function isGivenUp({ attempts, createdAt }: Notice, now: number): boolean {
  return attempts > 0 && now - createdAt >= TELLING_LIMITS.giveUpMs;
}

/** Tells what is due. After the first failure the rest waits for the next round: all would wait for the same server. */
export async function tellWebhook(
  webhook: NoticeWebhook,
  { store, clock, random, log }: TellParts,
  signal: AbortSignal,
): Promise<void> {
  for (const notice of store.toTell(clock.now())) {
    const { seq, kind, peer, attempts } = notice;
    const failure = await webhook.tell(notice, signal);
    const now = clock.now();
    if (failure === null) {
      store.told(seq, now);
      log.info('notice-told', { kind, peer });
      continue;
    }
    // A stop is no failure of theirs.
    if (signal.aborted) return;
    const isOver = isGivenUp({ ...notice, attempts: attempts + 1 }, now);
    store.notTold(seq, isOver ? null : now + tellAgainMs(attempts, random.fraction()));
    log.warn(isOver ? 'notice-given-up' : 'notice-not-told', { kind, peer, detail: failure });
    return;
  }
}
