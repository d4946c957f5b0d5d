import { setTimeout as sleep } from 'node:timers/promises';
import type { NewNotice } from '../core/notice.ts';
import { noticesOf } from '../core/notices-of.ts';
import { messageOf } from '../errors.ts';
import type { NoticeWebhook } from '../ports/notices.ts';
import { tellSession, type SessionParts } from './into-session.ts';
import { createFacts, type NoticeSources } from './sources.ts';
import { tellWebhook, type TellParts } from './tell-webhook.ts';

export interface NoticeWorkerParts extends TellParts {
  readonly sources: NoticeSources;
  /** Null: told in the log and in the status alone, as is everything. */
  readonly webhook: NoticeWebhook | null;
  readonly session: SessionParts | null;
  readonly everyMs: number;
}

export interface NoticeWorker {
  start(): void;
  /** Something has happened that an owner may have to be told of. Never throws. */
  wake(): void;
  stop(): Promise<void>;
}

/** Many wakes at once are one look. */
const LEAST_PAUSE_MS = 1_000;

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // A wake or the end: the pause is over before its time.
  }
}

const nameOf = ({ kind, subject }: Pick<NewNotice, 'kind' | 'subject'>) => `${kind} ${subject}`;

/** Brings the notices that are open to those that there are reasons for. */
function reconcile({ store, log }: TellParts, wanted: readonly NewNotice[], now: number): void {
  const names = new Set(wanted.map(nameOf));
  for (const notice of store.open()) {
    if (names.has(nameOf(notice))) continue;
    const { kind, subject, peer } = notice;
    store.over(kind, subject, now);
    log.info('notice-over', { kind, peer });
  }
  for (const notice of wanted) {
    const { kind, peer, text } = notice;
    if (store.raise(notice, now) !== null) log.warn('notice', { kind, peer, text });
  }
}

/** Looks now and then, and when it is woken, for what needs a person; keeps it, and tells the owner. */
export function createNoticeWorker(parts: NoticeWorkerParts): NoticeWorker {
  const { clock, log, webhook, session, everyMs } = parts;
  const stopping = new AbortController();
  const facts = createFacts(parts.sources);
  let running: Promise<void> | null = null;
  let inSession: Promise<void> | null = null;
  let woken = new AbortController();

  const guard = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => log.error('notices-failed', { error: messageOf(error) }));

  /** A turn takes minutes, and nothing else waits for it. */
  const beginSession = (): void => {
    if (session === null || inSession !== null) return;
    inSession = guard(tellSession(session, stopping.signal)).then(() => {
      inSession = null;
    });
  };

  const look = async (): Promise<void> => {
    const now = clock.now();
    reconcile(parts, noticesOf(await facts(now), now), now);
    beginSession();
    if (webhook !== null) await tellWebhook(webhook, parts, stopping.signal);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      await guard(look());
      await pause(everyMs, AbortSignal.any([stopping.signal, woken.signal]));
      await pause(Math.min(everyMs, LEAST_PAUSE_MS), stopping.signal);
    }
  };

  return {
    start: () => {
      running ??= loop();
    },
    wake: () => woken.abort(),
    stop: async () => {
      stopping.abort();
      await Promise.all([running, inSession]);
    },
  };
}
