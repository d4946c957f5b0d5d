import type { OutboxEvent } from '../core/outbox.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import type { AnsweredTask } from './answer-shapes.ts';
import type { PostAnswer } from './post.ts';
import { taskEvent } from './read-task.ts';
import { readStock } from './stock-answer.ts';
import { Undelivered } from './undelivered.ts';

/** It counts the requests of a minute. */
const RATE_WAIT_MS = 30_000;

const BUSY: OutboxEvent = {
  kind: 'not-delivered',
  detail: 'peer-busy: it takes no more requests in this minute',
  retryAfterMs: RATE_WAIT_MS,
};

function kept(detail: string): OutboxEvent {
  return { kind: 'not-delivered', detail };
}

function refused(detail: string): OutboxEvent {
  return { kind: 'refused', reason: 'unknown', detail };
}

/**
 * Whoever sent a message hears that it was refused; of a reply nobody would, and it would be lost: it waits for the token to be
 * put right, while its owner is told.
 */
function tokenRefused({ inReplyTo }: OutboxMessage, detail: string): OutboxEvent {
  return inReplyTo === null ? refused(detail) : kept(detail);
}

/** A reply of ours is over when the peer has it: what its agent says to that is for nobody. */
function eventOf(task: AnsweredTask, message: OutboxMessage): OutboxEvent {
  const event = taskEvent(task, message);
  const isTaken = event.kind === 'receipt' || event.kind === 'replied';
  return message.inReplyTo !== null && isTaken ? { kind: 'replied', taskId: task.id, reply: null } : event;
}

/** The answer to a question about a task that cannot be there. Null when the channel is there and takes our token. */
export function readProbe(answer: PostAnswer, message: OutboxMessage): OutboxEvent | null {
  const said = readStock(answer, message);
  switch (said.kind) {
    case 'task-unknown':
    case 'task':
      return null;
    case 'busy':
      return BUSY;
    case 'token-refused':
      return tokenRefused(message, said.detail);
    case 'refused':
      return refused(said.detail);
    case 'too-large':
      return kept('answer-not-understood: it is too large');
    case 'unclear':
      return kept(said.detail);
  }
}

/** Nothing there knows a message again, so one that may have come is never offered twice. */
export function perhapsTaken(detail: string): OutboxEvent {
  const words = 'the peer may have it, and would take it for a new message if it came again';
  return { kind: 'uncertain', detail: `${words} (${detail})` };
}

export function readOffer(answer: PostAnswer, message: OutboxMessage): OutboxEvent {
  const said = readStock(answer, message);
  switch (said.kind) {
    case 'task':
      return eventOrUnclear(said.task, message, perhapsTaken);
    case 'busy':
      return BUSY;
    case 'token-refused':
      return tokenRefused(message, said.detail);
    case 'refused':
      return refused(said.detail);
    case 'task-unknown':
      return perhapsTaken('it says that there is no such task');
    case 'too-large':
      return perhapsTaken('its answer was too large');
    case 'unclear':
      return perhapsTaken(said.detail);
  }
}

/** About a message that the peer has. */
export function readTask(answer: PostAnswer, message: OutboxMessage): OutboxEvent {
  const said = readStock(answer, message);
  switch (said.kind) {
    case 'task':
      return eventOrUnclear(said.task, message, kept);
    case 'busy':
      return BUSY;
    case 'task-unknown':
      return {
        kind: 'uncertain',
        detail: 'the peer has forgotten it: its gateway was restarted, and keeps no task beyond that',
      };
    case 'too-large':
      return { kind: 'failed', detail: 'its reply is larger than its A2A channel can hand out (1 MiB)' };
    case 'token-refused':
    case 'refused':
    case 'unclear':
      return kept(said.detail);
  }
}

function eventOrUnclear(
  task: AnsweredTask,
  message: OutboxMessage,
  unclear: (detail: string) => OutboxEvent,
): OutboxEvent {
  try {
    return eventOf(task, message);
  } catch (error) {
    if (error instanceof Undelivered) return unclear(error.detail);
    throw error;
  }
}
