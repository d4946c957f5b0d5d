import type { OutboxEvent } from '../core/outbox.ts';
import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { textOf, type AnsweredTask } from './answer-shapes.ts';
import { Undelivered } from './undelivered.ts';

const TASK_STATE = 'TASK_STATE_';

function replyOf(task: AnsweredTask): string | null {
  return textOf((task.artifacts ?? []).flatMap(({ parts }) => parts ?? []));
}

function toldOf(task: AnsweredTask) {
  return task.status.message?.metadata?.[MESSAGE_EXTENSION] ?? {};
}

/** The note is a stranger's words in a place where ours stand: it is marked as theirs. */
function refusedByPerson(note: string | null | undefined): OutboxEvent {
  const words = 'a person at the peer refused it';
  const detail = (note ?? null) === null ? words : `${words} and says: ${note}`;
  return { kind: 'refused', reason: 'hold-refused', detail };
}

function ended(task: AnsweredTask, state: string): OutboxEvent {
  const { outcome, note } = toldOf(task);
  if (outcome === 'uncertain')
    return { kind: 'uncertain', detail: 'the peer cannot prove whether its agent saw it' };
  if (outcome === 'expired') return { kind: 'expired' };
  if (outcome === 'refused') return refusedByPerson(note);
  if (state === 'REJECTED')
    return { kind: 'refused', reason: 'unknown', detail: 'the peer rejected the task' };
  return { kind: 'failed', detail: `the peer's agent did not answer it (${state.toLowerCase()})` };
}

function receipt(task: AnsweredTask): OutboxEvent {
  const { held } = toldOf(task);
  return { kind: 'receipt', taskId: task.id, ...(held === undefined ? {} : { held }) };
}

/** What a task tells about the message that it is for. Throws Undelivered for one of another message. */
export function taskEvent(task: AnsweredTask, message: OutboxMessage): OutboxEvent {
  if (message.taskId !== null && task.id !== message.taskId) {
    throw new Undelivered('answer-not-understood: it is about another task');
  }
  const state = task.status.state.startsWith(TASK_STATE) ? task.status.state.slice(TASK_STATE.length) : '';
  switch (state) {
    case 'SUBMITTED':
    case 'WORKING':
      return receipt(task);
    case 'COMPLETED':
      return { kind: 'replied', taskId: task.id, reply: replyOf(task) };
    case 'CANCELED':
      return { kind: 'cancelled-there', taskId: task.id };
    case 'FAILED':
    case 'REJECTED':
    case 'INPUT_REQUIRED':
    case 'AUTH_REQUIRED':
      return ended(task, state);
    default:
      throw new Undelivered('answer-not-understood: unknown task state');
  }
}
