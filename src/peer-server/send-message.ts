import type { Alias } from '../core/alias.ts';
import type { Grant } from '../core/grant.ts';
import { isFinalInboxState } from '../core/inbox.ts';
import type { ConversationId, TaskId } from '../core/message.ts';
import type { PeerName } from '../core/peer.ts';
import type { Acceptance, InboxMessage } from '../ports.ts';
import type { Deps } from './deps.ts';
import { record, requireGrant, requirePeer, type Exchange } from './exchange.ts';
import { readIncomingMessage, type IncomingMessage } from './incoming-message.ts';
import { Refusal } from './refuse.ts';
import { taskJson } from './task-json.ts';

/** A task of another peer and a task that never was are the same to this one. */
function ownTask({ inbox }: Deps, peer: PeerName, taskId: TaskId): InboxMessage {
  const task = inbox.findTask(peer, taskId);
  if (task === null) throw new Refusal('task-unknown');
  return task;
}

/** A task here is one message and its reply; what goes on is the conversation. */
function checkReferences(deps: Deps, peer: PeerName, incoming: IncomingMessage): void {
  for (const taskId of incoming.referenceTaskIds) ownTask(deps, peer, taskId);
  if (incoming.taskId === null) return;
  if (ownTask(deps, peer, incoming.taskId).messageId !== incoming.messageId) {
    throw new Refusal(
      'operation-unsupported',
      'a task takes one message; continue its contextId instead of its taskId',
    );
  }
}

/**
 * Of what the sender sent, not of what we filled in: a request that leaves the conversation to us and is sent again
 * is the same request.
 */
function contentOf(alias: Alias, { conversation, text }: IncomingMessage): string {
  return JSON.stringify([alias, conversation, text]);
}

function accept(deps: Deps, { peer, alias, sessionKey }: Grant, incoming: IncomingMessage): Acceptance {
  const { clock, digests, inbox, random, turnKey } = deps;
  const now = clock.now();
  return inbox.accept({
    taskId: random.uuid() as TaskId,
    peer,
    messageId: incoming.messageId,
    contentDigest: digests.text(contentOf(alias, incoming)),
    alias,
    sessionKey,
    conversation: incoming.conversation ?? (random.uuid() as ConversationId),
    text: incoming.text,
    hop: incoming.hop,
    createdAt: now,
    expiresAt: now + incoming.ttlMs,
    turnKey: turnKey(peer, incoming.messageId),
  });
}

async function settle({ tasks, limits }: Deps, message: InboxMessage, signal: AbortSignal): Promise<void> {
  if (isFinalInboxState(message.state)) return;
  await tasks.settled(message.taskId, limits.waitMs, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/**
 * Stores a peer's message before anything is answered, then waits for its reply within the limit. The same id with
 * the same content is the same task, and waiting on it again is how a sender gets the reply.
 */
export async function sendMessage(
  deps: Deps,
  exchange: Exchange,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  exchange.operation = 'message-send';
  const incoming = readIncomingMessage(params, deps.limits);
  exchange.messageId = incoming.messageId;
  exchange.textDigest = deps.digests.text(incoming.text);
  const grant = requireGrant(deps, exchange);
  checkReferences(deps, grant.peer, incoming);
  const obstacle = deps.readiness();
  if (obstacle !== null) throw new Refusal(obstacle);
  const acceptance = accept(deps, grant, incoming);
  if (acceptance.kind === 'reused') throw new Refusal('message-id-reused');
  record(deps, exchange, true, acceptance.kind === 'new' ? 'accepted' : 'repeated');
  if (acceptance.kind === 'new') deps.wakeInbox();
  const { message } = acceptance;
  if (!incoming.returnImmediately) await settle(deps, message, signal);
  // A revoke during the wait counts: a reply is not given to who may not read it any more.
  const { name } = requirePeer(deps, exchange, 'task-read');
  return { task: taskJson(deps.inbox.findTask(name, message.taskId) ?? message) };
}
