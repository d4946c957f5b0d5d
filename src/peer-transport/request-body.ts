import { CancelTaskRequest, Role, SendMessageRequest, type Part } from '@a2a-js/sdk';
import type { ContextPart } from '../core/context.ts';
import { chainHop } from '../core/guard.ts';
import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';
import type { OutboxMessage } from '../ports/messages.ts';

/** Rounded up, so that a message which still lives never travels as one without any time. */
function ttlSeconds({ expiresAt }: OutboxMessage, now: number): number {
  return Math.max(1, Math.ceil((expiresAt - now) / 1000));
}

function partOf(content: Part['content'], metadata?: Part['metadata']): Part {
  return { content, metadata, filename: '', mediaType: '' };
}

/** A text is marked, since it would be read as a part of the message; JSON cannot be. */
function contextPart(part: ContextPart): Part {
  return part.type === 'json'
    ? partOf({ $case: 'data', value: part.value })
    : partOf({ $case: 'text', value: part.text }, { [MESSAGE_EXTENSION]: { context: true } });
}

/** A plain message is as it was before there were kinds, so that an older stack takes it. */
function extensionOf(message: OutboxMessage, now: number): object {
  const { kind, fields } = message.content;
  const about = kind === 'message' ? {} : { kind, fields };
  return { hop: chainHop(message), ttlSeconds: ttlSeconds(message, now), ...about };
}

/** The JSON-RPC request for a message; its id is the message's own, so that an answer to another request is seen. */
export function requestBody(message: OutboxMessage, now: number, returnImmediately: boolean): string {
  const params = SendMessageRequest.toJSON({
    tenant: '',
    message: {
      messageId: message.id,
      contextId: message.conversation,
      taskId: '',
      role: Role.ROLE_USER,
      parts: [partOf({ $case: 'text', value: message.text }), ...message.content.context.map(contextPart)],
      metadata: { [MESSAGE_EXTENSION]: extensionOf(message, now) },
      extensions: [MESSAGE_EXTENSION],
      referenceTaskIds: [],
    },
    configuration: {
      acceptedOutputModes: ['text/plain'],
      taskPushNotificationConfig: undefined,
      returnImmediately,
    },
    metadata: undefined,
  });
  return JSON.stringify({ jsonrpc: '2.0', id: message.id, method: 'SendMessage', params });
}

/** Under the message's own id too. */
export function cancelBody({ id }: OutboxMessage, taskId: string): string {
  const params = CancelTaskRequest.toJSON({ tenant: '', id: taskId, metadata: undefined });
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'CancelTask', params });
}
