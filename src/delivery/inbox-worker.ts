import { backoffMs } from '../core/backoff.ts';
import type { SessionKey } from '../core/session-key.ts';
import { messageOf } from '../errors.ts';
import type { InboxMessage } from '../ports/messages.ts';
import { createInboxSteps, type InboxSteps, type InboxStepsParts, type Stepped } from './inbox-steps.ts';
import { createTurnPlaces } from './turn-places.ts';
import { pause } from './waiting.ts';

/** How long a stop waits for turns to let go, after the grace. */
const LET_GO_MS = 1_000;
const SWEEP_AT_ONCE = 100;

export type InboxWorkerParts = InboxStepsParts;

export interface InboxWorker {
  /** Takes up everything that a former run of the proxy left. */
  start(): void;
  /** There is something new in the inbox. Never throws. */
  wake(): void;
  /** Begins nothing new, gives running turns the grace, then leaves them `running` on disk. */
  stop(): Promise<void>;
}

/** What is with a person is taken up again when that person has spoken. */
const isOver = ({ step }: Stepped): boolean => step === 'done' || step === 'ask-person';

/** `later`: the gateway did not take it, and surely has not got it. */
async function workThrough(
  steps: InboxSteps,
  first: InboxMessage,
  asked: AbortSignal,
): Promise<'over' | 'later'> {
  let at = await steps.takeUp(first);
  while (!isOver(at) && !asked.aborted) {
    at = at.step === 'run' ? await steps.run(at.message) : await steps.look(at);
    if (at.step === 'wait' && at.message.state === 'accepted') return 'later';
  }
  return 'over';
}

/**
 * Runs the inbox in the gateway: one turn at a time in a session, in the order of acceptance, and a few sessions at
 * once, fewer of one peer. `running` is on disk before the gateway sees a message; whatever is found `running` is looked for and never
 * handed over again blindly.
 */
export function createInboxWorker(parts: InboxWorkerParts): InboxWorker {
  const { inbox, gateway, random, clock, log, limits, onChange } = parts;
  const asked = new AbortController();
  const now = new AbortController();
  const steps = createInboxSteps(parts, { asked: asked.signal, now: now.signal });
  /** Sessions with a message under way, and those that rest after the gateway took nothing. */
  const sessions = new Set<SessionKey>();
  const resting = new Map<SessionKey, number>();
  const works = new Set<Promise<void>>();
  const places = createTurnPlaces(limits);
  let waitingForGateway = false;
  let timer: NodeJS.Timeout | undefined;

  /** The pause grows with each time in a row, and lets other sessions have the place. */
  const rest = (session: SessionKey): void => {
    const times = resting.get(session) ?? 0;
    resting.set(session, times + 1);
    void pause(backoffMs(times, random.fraction()), asked.signal).then(() => {
      sessions.delete(session);
      pump();
    });
  };

  const begin = (message: InboxMessage): void => {
    const { sessionKey, taskId, peer } = message;
    sessions.add(sessionKey);
    places.take(peer);
    const work = workThrough(steps, message, asked.signal)
      .catch((error: unknown) => {
        log.error('inbox-work-broke', { task: taskId, error: messageOf(error) });
        return 'later' as const;
      })
      .then((end) => {
        works.delete(work);
        places.giveBack(peer);
        if (end === 'later') {
          rest(sessionKey);
          return;
        }
        sessions.delete(sessionKey);
        resting.delete(sessionKey);
        setImmediate(pump);
      });
    works.add(work);
  };

  const sweep = (): void => {
    for (const { taskId } of inbox.overdue(clock.now(), SWEEP_AT_ONCE)) {
      onChange(inbox.apply(taskId, { kind: 'expired' }, clock.now()).message);
    }
  };

  const waitForGateway = (): void => {
    if (waitingForGateway) return;
    waitingForGateway = true;
    void gateway.whenReady(asked.signal).then(() => {
      waitingForGateway = false;
      setImmediate(pump);
    });
  };

  const beginHeads = (): void => {
    const heads = inbox.heads(sessions.size + limits.turnsPerPeer);
    const free = (): readonly InboxMessage[] => heads.filter(({ sessionKey }) => !sessions.has(sessionKey));
    for (let head = places.next(free()); head !== null; head = places.next(free())) begin(head);
  };

  function pump(): void {
    if (asked.signal.aborted) return;
    try {
      sweep();
      if (gateway.state().kind === 'ready') beginHeads();
      else waitForGateway();
    } catch (error) {
      log.error('inbox-not-read', { error: messageOf(error) });
    }
  }

  const letGo = (ms: number): Promise<unknown> => {
    const over = new AbortController();
    const all = Promise.all(works).finally(() => over.abort());
    return Promise.race([all, pause(ms, over.signal)]);
  };

  return {
    start: () => {
      timer = setInterval(pump, limits.sweepEveryMs);
      setImmediate(pump);
    },
    wake: () => {
      if (timer !== undefined) setImmediate(pump);
    },
    stop: async () => {
      asked.abort();
      clearInterval(timer);
      await letGo(limits.stopGraceMs);
      now.abort();
      await letGo(LET_GO_MS);
    },
  };
}
