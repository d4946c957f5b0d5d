import { eventually } from './eventually.ts';
import type { Model } from './model.ts';
import type { ModelRecord } from './scripted-model.ts';
import type { Stack } from './stack.ts';

/** What `agent-peer send … --json` answers, as far as the lab reads it. */
export interface MessageView {
  readonly id: string;
  /** As the receiver knows it; null before the receipt. */
  readonly taskId: string | null;
  readonly state: string;
  readonly reply: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
}

export interface Exchange {
  readonly sent: string;
  readonly message: MessageView;
  /** What the receiver's model was shown. */
  readonly shown: ModelRecord;
  readonly tookMs: number;
}

/** Exit codes of `send --wait`: answered, refused, still open. */
const SEND_EXITS = [0, 3, 6];

export function send(
  from: Stack,
  to: string,
  alias: string,
  text: string,
  waitSeconds = 120,
): Promise<MessageView> {
  return from.ask<MessageView>(['send', to, alias, '--wait', String(waitSeconds)], text, SEND_EXITS);
}

/** The model's records of one message, found by the task id in the frame. @throws for one without a receipt. */
export async function recordsOf(
  model: Model,
  receiver: Stack,
  { id, taskId }: MessageView,
): Promise<readonly ModelRecord[]> {
  if (taskId === null) throw new Error(`message ${id} has no receipt`);
  return (await model.records(receiver.name)).filter(({ asked }) => asked.includes(taskId));
}

/** Sends one message through the paired stacks and waits for its reply. @throws unless it was answered. */
export async function exchange(from: Stack, to: Stack, model: Model, text: string): Promise<Exchange> {
  const startedAt = Date.now();
  const message = await send(from, to.name, 'handoff', text);
  const tookMs = Date.now() - startedAt;
  if (message.state !== 'answered')
    throw new Error(`the message was not answered: ${JSON.stringify(message)}`);
  const read = () => recordsOf(model, to, message);
  const [shown] = await eventually('the model was asked', read, (records) => records.length > 0, 5000);
  if (shown === undefined) throw new Error('the model has no record of the message');
  return { sent: text, message, shown, tookMs };
}
