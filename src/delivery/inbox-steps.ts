import { stepOf, type InboxEvent, type InboxStep, type TurnOutcome, type TurnTrace } from '../core/inbox.ts';
import { forgottenSince, type Restore } from '../core/restore.ts';
import { messageOf } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Random } from '../ports/machine.ts';
import type { InboxMessage, InboxStore } from '../ports/messages.ts';
import { createInboxWriter, type InboxWriterParts, type Stopping } from './inbox-writer.ts';
import type { DeliveryLimits } from './limits.ts';
import { turnOf } from './turn.ts';
import { pause } from './waiting.ts';

export interface InboxStepsParts extends InboxWriterParts {
  readonly inbox: Pick<InboxStore, 'apply' | 'heads' | 'overdue'>;
  readonly gateway: Gateway;
  readonly random: Random;
  /** Each time that this inbox was put back from a backup. */
  readonly restores: readonly Restore[];
  readonly limits: Pick<
    DeliveryLimits,
    'turnsAtOnce' | 'turnsPerPeer' | 'turnMs' | 'lookEveryMs' | 'undecidedMs' | 'sweepEveryMs' | 'stopGraceMs'
  >;
}

export interface Stepped {
  readonly message: InboxMessage;
  readonly step: InboxStep;
  readonly looked: Looked;
}

/** How long a turn was looked for in vain, the gateway being there. */
export interface Looked {
  readonly ms: number;
  /** Of these, how long up to now nothing could be told from the session. */
  readonly undecidedMs: number;
}

const NOT_LOOKED: Looked = { ms: 0, undecidedMs: 0 };

export interface InboxSteps {
  /** How to begin with what is on disk. */
  takeUp(message: InboxMessage): Promise<Stepped>;
  /** Ends the message when its time is over, else runs it as a turn. */
  run(message: InboxMessage): Promise<Stepped>;
  /** Looks whether the session had it. */
  look(at: Stepped): Promise<Stepped>;
}

function lookedOn({ ms, undecidedMs }: Looked, trace: TurnTrace | null, spent: number): Looked {
  return { ms: ms + spent, undecidedMs: trace?.kind === 'undecidable' ? undecidedMs + spent : 0 };
}

/** What to take for the end of the search; null while it may still bring something. */
function traceAfter(
  { ms, undecidedMs }: Looked,
  trace: TurnTrace | null,
  limits: Pick<DeliveryLimits, 'turnMs' | 'undecidedMs'>,
): TurnTrace | null {
  if (trace?.kind === 'undecidable') return undecidedMs < limits.undecidedMs ? null : trace;
  if (trace !== null && trace.kind !== 'running') return trace;
  if (ms < limits.turnMs) return null;
  return { kind: 'undecidable', detail: `no end of its turn was found within ${limits.turnMs / 1000} s` };
}

export function createInboxSteps(parts: InboxStepsParts, stopping: Stopping): InboxSteps {
  const { gateway, random, restores, clock, log, limits } = parts;
  const write = createInboxWriter(parts, stopping);

  const settle = async (message: InboxMessage, event: InboxEvent): Promise<Stepped> => {
    const written = await write(message, event);
    return { message, step: 'done', ...written, looked: NOT_LOOKED };
  };

  const runTurn = async (message: InboxMessage): Promise<TurnOutcome> => {
    try {
      const turn = turnOf(message, random, { now: clock.now(), deadlineMs: limits.turnMs });
      return await gateway.runTurn(turn, stopping.now);
    } catch (error) {
      log.error('turn-broke', { task: message.taskId, error: messageOf(error) });
      return { kind: 'lost', detail: 'the turn broke off inside the proxy' };
    }
  };

  /** Null when the gateway could not be asked: that tells nothing about the turn. */
  const findTurn = async (message: InboxMessage): Promise<TurnTrace | null> => {
    const { turnKey, sessionKey, taskId, createdAt } = message;
    const since = Math.min(createdAt, forgottenSince(message, restores) ?? createdAt);
    try {
      return await gateway.findTurn({ key: turnKey, sessionKey, since });
    } catch (error) {
      log.warn('turn-not-looked-for', { task: taskId, error: messageOf(error) });
      return null;
    }
  };

  /** What a restore made this inbox forget may have been handed over already: it counts as running, and is looked for. */
  const takeUp = async (message: InboxMessage): Promise<Stepped> => {
    const step = stepOf(message.state);
    if (step !== 'run' || forgottenSince(message, restores) === null)
      return { message, step, looked: NOT_LOOKED };
    return settle(message, { kind: 'begun' });
  };

  const run = async (message: InboxMessage): Promise<Stepped> => {
    if (message.expiresAt <= clock.now()) return settle(message, { kind: 'expired' });
    const marked = await write(message, { kind: 'begun' });
    if (marked?.message.state !== 'running') return { message, step: 'done', looked: NOT_LOOKED };
    log.info('turn-started', { peer: message.peer, messageId: message.messageId, task: message.taskId });
    const outcome = await runTurn(marked.message);
    return settle(marked.message, { kind: 'turn', outcome, holdUntil: null });
  };

  const look = async (at: Stepped): Promise<Stepped> => {
    const { message } = at;
    await pause(limits.lookEveryMs, stopping.asked);
    await gateway.whenReady(stopping.asked);
    if (stopping.asked.aborted) return { ...at, step: 'done' };
    const began = clock.now();
    const trace = await findTurn(message);
    const spent = limits.lookEveryMs + clock.now() - began;
    const looked = lookedOn(at.looked, trace, gateway.state().kind === 'ready' ? spent : 0);
    const end = traceAfter(looked, trace, limits);
    return end === null
      ? { message, step: 'wait', looked }
      : settle(message, { kind: 'look', trace: end, holdUntil: null });
  };

  return { takeUp, run, look };
}
