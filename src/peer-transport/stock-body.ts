import { spelledOut } from '../core/quotation.ts';
import type { OutboxMessage } from '../ports/messages.ts';

/** Under the message's own id, so that an answer to another request is seen. */
function rpc(id: string, method: 'SendMessage' | 'GetTask', params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/**
 * The request for a message to an OpenClaw's own A2A channel, which reads texts and data and nothing of our extension: what
 * our own stacks are told beside the text stands in it here. It never waits: a connection that is lost while the turn runs
 * would leave open whether the message came.
 */
export function stockSendBody({ id, conversation, text, content }: OutboxMessage): string {
  const context = content.context.map((part) =>
    part.type === 'json' ? { data: part.value } : { text: part.text },
  );
  const message = {
    messageId: id,
    contextId: conversation,
    role: 'ROLE_USER',
    parts: [{ text: spelledOut(text, content) }, ...context],
  };
  return rpc(id, 'SendMessage', { message, configuration: { returnImmediately: true } });
}

export function stockTaskBody({ id }: OutboxMessage, taskId: string): string {
  return rpc(id, 'GetTask', { id: taskId });
}
