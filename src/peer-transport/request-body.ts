import { CancelTaskRequest, Role, SendMessageRequest } from '@a2a-js/sdk';
import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';
import type { OutboxMessage } from '../ports/messages.ts';

/** Rounded up, so that a message which still lives never travels as one without any time. */
function ttlSeconds({ expiresAt }: OutboxMessage, now: number): number {
  return Math.max(1, Math.ceil((expiresAt - now) / 1000));
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
      parts: [
        { content: { $case: 'text', value: message.text }, metadata: undefined, filename: '', mediaType: '' },
      ],
      metadata: { [MESSAGE_EXTENSION]: { hop: message.hop, ttlSeconds: ttlSeconds(message, now) } },
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
