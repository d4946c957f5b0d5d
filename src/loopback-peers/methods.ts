import type { ServedMethod } from '../a2a/methods.ts';
import { Refusal } from '../a2a/refusal.ts';
import { readTaskParams } from '../a2a/send-params.ts';
import { readSentMessage, sentContent, type SentMessage } from '../a2a/sent-message.ts';
import { DEFAULT_ALIAS, parseAlias, type Alias } from '../core/alias.ts';
import { TEXT_LIMIT_BYTES } from '../core/message.ts';
import { parsePeerName, type PeerName } from '../core/peer.ts';
import { aliasMeant } from '../core/open-outbound.ts';
import { must } from '../errors.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { outboxTask } from './outbox-task.ts';
import type { PeersMountParts } from './parts.ts';
import type { Target } from './target.ts';

/** Where a call was posted, by names that are not judged yet. */
export type Addressed = Pick<Extract<Target, { readonly kind: 'call' }>, 'peer' | 'alias'>;

/** Answers the `result` of a call. Throws Refusal, and AgentPeerError for what is refused here. */
type Method = (
  parts: PeersMountParts,
  addressed: Addressed,
  params: unknown,
  signal: AbortSignal,
) => Promise<unknown>;

interface To {
  readonly peer: PeerName;
  /** Null where none is named. */
  readonly alias: Alias | null;
}

function readPeer({ peer }: Addressed): PeerName {
  return must('peer-not-found', parsePeerName(peer));
}

function readTo(addressed: Addressed): To {
  const { alias } = addressed;
  return {
    peer: readPeer(addressed),
    alias: alias === null ? null : must('alias-invalid', parseAlias(alias)),
  };
}

/** A client of A2A that names none cannot be asked to choose: it is told that the usual one is not for it. */
function aliasFor({ policy, clock }: PeersMountParts, name: PeerName): Alias {
  const all = policy();
  const peer = all.peers.find((one) => one.name === name);
  return (peer === undefined ? null : aliasMeant(all, peer, clock.now())) ?? DEFAULT_ALIAS;
}

/** Looked up among the messages to this peer only. */
function ownTask({ messages }: PeersMountParts, peer: PeerName, id: string): OutboxMessage {
  const message = messages.find(id);
  if (message?.peer !== peer) throw new Refusal('task-unknown');
  return message;
}

/** A task here is one message and its reply; what goes on is the conversation. */
function checkReferences(
  parts: PeersMountParts,
  peer: PeerName,
  { messageId, taskId, referenceTaskIds }: SentMessage,
): void {
  for (const id of referenceTaskIds) ownTask(parts, peer, id);
  if (taskId === null) return;
  const { id } = ownTask(parts, peer, taskId);
  if (parts.outbox.ofClient(peer, messageId)?.message.id !== id) {
    throw new Refusal(
      'operation-unsupported',
      'a task takes one message; continue its contextId instead of its taskId',
    );
  }
}

/**
 * As the agent's, whoever's token came with it, and with no hop but what this stack counts: a client that says `hop: 0` each
 * time would else never be stopped. What a client sends again is what it sent before.
 */
function submitOnce(parts: PeersMountParts, { peer, alias: named }: To, sent: SentMessage): OutboxMessage {
  const { messageId, conversation, text, content, ttlMs } = sent;
  const known = parts.outbox.ofClient(peer, messageId);
  // Grants may have changed since: which alias is meant was said by the first of the same requests.
  const alias = named ?? known?.message.alias ?? aliasFor(parts, peer);
  const digest = parts.digests.text(sentContent(alias, sent));
  if (known !== null && known.digest !== digest) throw new Refusal('message-id-reused');
  if (known !== null) return known.message;
  return parts.messages.submit({
    peer,
    alias,
    text,
    content,
    by: 'agent',
    // A client that never asks for its reply, as OpenClaw's own channel, has it there.
    replyToSession: 'where-listed',
    client: { id: messageId, digest },
    ...(conversation === null ? {} : { conversation }),
    ...(ttlMs === null ? {} : { ttlMs }),
  });
}

const send: Method = async (parts, addressed, params, signal) => {
  const sent = readSentMessage(params, { textBytes: TEXT_LIMIT_BYTES });
  const to = readTo(addressed);
  checkReferences(parts, to.peer, sent);
  const message = submitOnce(parts, to, sent);
  // A person may take hours: the client is told so at once.
  const isAnswered = sent.returnImmediately || message.state === 'held';
  const { waitMs } = parts.limits;
  const settled = isAnswered ? message : await parts.messages.settled(message.id, waitMs, signal);
  return { task: outboxTask(settled) };
};

const get: Method = (parts, addressed, params) => {
  const { id } = readTaskParams(params);
  return Promise.resolve(outboxTask(ownTask(parts, readPeer(addressed), id)));
};

const cancel: Method = async (parts, addressed, params, signal) => {
  const { id } = readTaskParams(params);
  const message = ownTask(parts, readPeer(addressed), id);
  return outboxTask(await parts.control.cancel(message.id, signal));
};

export const METHODS: Readonly<Record<ServedMethod, Method>> = { send, get, cancel };
