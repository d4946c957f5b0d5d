import { isFinalOutboxState, type OutboxState } from '../core/outbox.ts';
import { AgentPeerError } from '../errors.ts';
import type { MessageView } from '../local-server/views.ts';
import type { Api } from './api.ts';
import { part } from './command.ts';
import { heldWords } from './held-words.ts';
import type { Outcome } from './outcome.ts';

/** One request waits no longer than this, so that a connection that broke unnoticed is found out. */
export const SLICE_SECONDS = 25;

export const DEFAULT_WAIT_SECONDS = 600;

export const sliceOf = (seconds: number) => Math.min(seconds, SLICE_SECONDS);

/** For as long as a person waits for what a peer answers. */
export const awaiting = <T>(api: Api, peer: string, work: () => Promise<T>): Promise<T> =>
  api.progress.during(`waiting for ${peer}'s answer`, work);

/** Asks again until the message is final, `deadline` (of `performance.now()`) is over, or the signal aborts the asking. */
export async function settle(
  api: Api,
  message: MessageView,
  deadline: number,
  signal?: AbortSignal,
): Promise<MessageView> {
  return awaiting(api, message.peer, async () => {
    let current = message;
    for (;;) {
      const left = (deadline - performance.now()) / 1000;
      if (isFinalOutboxState(current.state) || left <= 0) return current;
      const seconds = sliceOf(left);
      current = await api.get<MessageView>(
        `/messages/${part(message.id)}?waitSeconds=${seconds.toFixed(3)}`,
        seconds * 1000,
        signal,
      );
    }
  });
}

function because({ reason, detail }: MessageView): string {
  const parts = [reason, detail].filter((one) => one !== null);
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

const ENDED: Readonly<Partial<Record<OutboxState, string>>> = {
  refused: 'was refused',
  failed: 'failed at the peer',
  expired: 'expired before it was answered',
  uncertain: 'may or may not have been read',
  cancelled: 'was taken back',
};

function waitedError(message: MessageView): AgentPeerError | undefined {
  if (message.state === 'answered') return undefined;
  const ended = ENDED[message.state];
  const named = `message ${message.id} to ${message.peer}`;
  if (ended !== undefined) {
    return new AgentPeerError(
      'message-not-answered',
      `${named} ${ended}${because(message)}`,
      'Sending the same again will not help until that is changed',
    );
  }
  const held = message.hold === null ? '' : `; ${heldWords(message.hold, message)}`;
  const fix = `It is not lost. Wait on: agent-peer messages show ${message.id} --wait`;
  return new AgentPeerError('message-pending', `${named} is ${message.state}${because(message)}${held}`, fix);
}

/** After waiting: the reply on stdout, or why there is none. */
export function waitedOutcome(message: MessageView): Outcome {
  const error = waitedError(message);
  if (error !== undefined) return { json: message, text: '', error };
  if (message.erasedAt !== null && message.reply !== null)
    return { json: message, text: '', note: `The reply was erased on ${message.erasedAt}.` };
  if (message.reply === null)
    return { json: message, text: '', note: `${message.peer}'s agent read it and sent no reply.` };
  return { json: message, text: message.reply };
}
