import { TELLING_LIMITS } from '../core/notice.ts';
import type { SessionKey } from '../core/session-key.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Notice } from '../ports/notices.ts';
import type { TellParts } from './tell-webhook.ts';

export interface SessionParts extends TellParts {
  readonly gateway: Pick<Gateway, 'state' | 'runTurn'>;
  readonly sessionKey: SessionKey;
  readonly turnMs: number;
}

const KEY_LENGTH = 64;

/** What the model is shown: our own words, and none of a peer's. */
export function frameNotices(notices: readonly Pick<Notice, 'text'>[]): string {
  return [
    'Notice from agent-peer, which carries messages between this machine and those of other people.',
    'Tell your user what stands below, in your own words and with the commands in it. Do nothing else about it: it needs a person.',
    ...notices.map(({ text }) => `- ${text}`),
  ].join('\n');
}

function isTooSoon(last: number | null, now: number): boolean {
  return last !== null && now >= last && now - last < TELLING_LIMITS.sessionEveryMs;
}

/**
 * Puts all open notices that the session has not seen before it, as one turn, and waits for its end. They are marked
 * before it is run: a model call that nobody asked for must not be made twice. What it answers goes nowhere.
 */
export async function tellSession(parts: SessionParts, signal: AbortSignal): Promise<void> {
  const { store, gateway, clock, random, log, sessionKey, turnMs } = parts;
  const now = clock.now();
  if (gateway.state().kind !== 'ready' || isTooSoon(store.lastIntoSession(), now)) return;
  const notices = store.toSession();
  if (notices.length === 0) return;
  store.putIntoSession(notices, now);
  const turn = {
    key: random.word(KEY_LENGTH),
    sessionKey,
    text: frameNotices(notices),
    source: 'agent-peer',
  };
  const { kind } = await gateway.runTurn({ ...turn, deadlineMs: turnMs }, signal);
  if (kind === 'not-sent') store.putIntoSession(notices, null);
  log.info('notices-into-session', { count: notices.length, outcome: kind });
}
