import { AgentPeerError } from '../errors.ts';
import type { OutboxMessage, OutboxStore } from '../ports/messages.ts';

/** A message of ours, by its id. Throws AgentPeerError `message-not-found`. */
export function foundMessage(outbox: Pick<OutboxStore, 'find'>, id: string): OutboxMessage {
  const message = outbox.find(id);
  if (message !== null) return message;
  throw new AgentPeerError(
    'message-not-found',
    `no message has the id "${id}"`,
    '`agent-peer messages` lists them',
  );
}
