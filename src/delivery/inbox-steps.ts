import type { DenyReason } from '../core/decision.ts';
import type { ReplyHold } from '../core/hold.ts';
import { stepOf, type InboxEvent, type InboxStep, type TurnOutcome, type TurnTrace } from '../core/inbox.ts';
import type { PeerName } from '../core/peer.ts';
import { forgottenSince, type Restore } from '../core/restore.ts';
import { messageOf } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Random } from '../ports/machine.ts';
import type { InboxMessage, InboxStore } from '../ports/messages.ts';
import { createInboxWriter, type InboxWriterParts, type Stopping } from './inbox-writer.ts';
import type { DeliveryLimits } from './limits.ts';
import type { ReplyHolds } from './reply-holds.ts';
import { turnOf } from './turn.ts';
import { STOPPED, type StopCause } from './turns-under-way.ts';
import { pause } from './waiting.ts';

export interface InboxStepsParts extends InboxWriterParts {
  readonly inbox: Pick<InboxStore, 'apply' | 'heads' | 'overdue' | 'waitingPeers'>;
  readonly gateway: Gateway;
  /** Why no turn of this peer's may begin now; null when one may. Throws when that cannot be known. */
  readonly obstacle: (peer: PeerName) => DenyReason | null;
  readonly random: Random;
  /** Each time that this inbox was put back from a backup. */
  readonly restores: readonly Restore[];
  readonly replyHolds: ReplyHolds;
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
  /** Ends the message when its time is over or its sender is gone, else runs it as a turn if its sender may have one. */
  run(message: InboxMessage, stop: AbortSignal): Promise<Stepped>;
  /** Looks whether the session had it. */
  look(at: Stepped, stop: AbortSignal): Promise<Stepped>;
}

/** Why a turn that is under way has to end; null for what is no reason to. */
export function stopCause(reason: DenyReason | null): StopCause | null {
  if (reason === 'peer-revoked' || reason === 'peer-unknown') return 'revoked';
  return reason === 'peer-paused' || reason === 'stack-paused' ? 'paused' : null;
}

/** That it broke is not told as a fault of the turn's, when it was stopped. */
function asStopped<T extends TurnOutcome | TurnTrace>(end: T, stop: AbortSignal): T {
  return end.kind === 'failed' && stop.aborted ? { ...end, detail: String(stop.reason) } : end;
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

/** What an agent says to a reply is for nobody: two agents that thank each other would never end. */
function heardBy<End extends TurnOutcome | TurnTrace>(
  { origin }: InboxMessage,
  end: End,
): End | { readonly kind: 'silent' } {
  return origin === 'reply' && end.kind === 'replied' ? { kind: 'silent' } : end;
}

export function createInboxSteps(parts: InboxStepsParts, stopping: Stopping): InboxSteps {
  const { gateway, random, restores, replyHolds, obstacle, clock, log, limits } = parts;
  const write = createInboxWriter(parts, stopping);

  const settle = async (message: InboxMessage, event: InboxEvent): Promise<Stepped> => {
    const written = await write(message, event);
    return { message, step: 'done', ...written, looked: NOT_LOOKED };
  };

  const holdOf = ({ peer, origin }: InboxMessage, end: TurnOutcome | TurnTrace): ReplyHold | null =>
    origin === 'peer' && end.kind === 'replied' ? replyHolds(peer, 'outbound', end.text) : null;

  const runTurn = async (message: InboxMessage, stop: AbortSignal): Promise<TurnOutcome> => {
    try {
      const turn = turnOf(message, random, { now: clock.now(), deadlineMs: limits.turnMs });
      return asStopped(await gateway.runTurn(turn, AbortSignal.any([stopping.now, stop])), stop);
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

  const run = async (message: InboxMessage, stop: AbortSignal): Promise<Stepped> => {
    if (message.expiresAt <= clock.now()) return settle(message, { kind: 'expired' });
    const reason = obstacle(message.peer);
    if (stopCause(reason) === 'revoked')
      return settle(message, { kind: 'cancelled', detail: STOPPED.revoked });
    if (reason !== null) return { message, step: 'done', looked: NOT_LOOKED };
    const marked = await write(message, { kind: 'begun' });
    if (marked?.message.state !== 'running') return { message, step: 'done', looked: NOT_LOOKED };
    log.info('turn-started', { peer: message.peer, messageId: message.messageId, task: message.taskId });
    const outcome = await runTurn(marked.message, stop);
    return settle(marked.message, {
      kind: 'turn',
      outcome: heardBy(message, outcome),
      hold: holdOf(message, outcome),
    });
  };

  const look = async (at: Stepped, stop: AbortSignal): Promise<Stepped> => {
    const { message } = at;
    await pause(limits.lookEveryMs, stopping.asked);
    await gateway.whenReady(stopping.asked);
    if (stopping.asked.aborted) return { ...at, step: 'done' };
    const began = clock.now();
    if (stop.aborted) await gateway.abortTurn({ key: message.turnKey, sessionKey: message.sessionKey });
    const trace = await findTurn(message);
    const spent = limits.lookEveryMs + clock.now() - began;
    const looked = lookedOn(at.looked, trace, gateway.state().kind === 'ready' ? spent : 0);
    const end = traceAfter(looked, trace, limits);
    if (end === null) return { message, step: 'wait', looked };
    return settle(message, {
      kind: 'look',
      trace: heardBy(message, asStopped(end, stop)),
      hold: holdOf(message, end),
    });
  };

  return { takeUp, run, look };
}
