import { createNoticeWorker, type NoticeWorker } from '../notices/notice-worker.ts';
import { createWebhook } from '../notices/webhook.ts';
import type { Store } from '../store/open.ts';
import { systemClock as clock, systemRandom as random } from '../system.ts';
import type { StackDeps } from './deps.ts';
import type { Parts } from './parts.ts';

const LOOK_EVERY_MS = 60_000;
const WEBHOOK_MS = 10_000;

/** What tells the owner of what needs a person. */
export function createNotices(
  { config, log }: StackDeps,
  store: Store,
  { tailnet, gateway }: Parts,
): NoticeWorker {
  const { webhook, session } = config.notices;
  const telling = { store: store.notices, clock, random, log };
  return createNoticeWorker({
    ...telling,
    sources: { store: store.notices, peers: store.peers, tailnet, gateway },
    webhook:
      webhook === null
        ? null
        : createWebhook({
            url: webhook.url.reveal(),
            token: webhook.token?.reveal() ?? null,
            name: config.name,
            timeoutMs: WEBHOOK_MS,
          }),
    session:
      session === null ? null : { ...telling, gateway, sessionKey: session, turnMs: config.turnDeadlineMs },
    everyMs: LOOK_EVERY_MS,
  });
}
