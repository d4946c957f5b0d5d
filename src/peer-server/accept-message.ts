import type { Alias } from '../core/alias.ts';
import { isPlain } from '../core/content.ts';
import type { InboundGrant } from '../core/grant.ts';
import type { ConversationId, TaskId } from '../core/message.ts';
import type { Peer } from '../core/peer.ts';
import type { Acceptance, InboxMessage } from '../ports/messages.ts';
import type { Deps } from './deps.ts';
import { permit, record, type Exchange } from './exchange.ts';
import type { IncomingMessage } from './incoming-message.ts';
import { Refusal } from './refuse.ts';

/**
 * Of what the sender sent, not of what we filled in: a request that leaves the conversation to us and is sent again
 * is the same request. A plain one is written as before there were kinds, since it may have come before.
 */
function contentOf(alias: Alias, { conversation, text, content }: IncomingMessage): string {
  const plain = [alias, conversation, text];
  return JSON.stringify(isPlain(content) ? plain : [...plain, content]);
}

function store(deps: Deps, { peer, alias, sessionKey }: InboundGrant, incoming: IncomingMessage): Acceptance {
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
    content: incoming.content,
    hold: null,
    hop: incoming.hop,
    createdAt: now,
    expiresAt: now + incoming.ttlMs,
    turnKey: turnKey(peer, incoming.messageId),
  });
}

/** What must be so for a message that is new; one that comes again finds its task even while this is not so. */
function checkRoom(deps: Deps, { hold }: InboundGrant): void {
  const obstacle = deps.readiness();
  if (obstacle !== null) throw new Refusal(obstacle);
  // Nobody can be asked yet, about the message or about its reply: neither may pass unasked.
  if (hold !== 'none') throw new Refusal('hold-unavailable');
}

/** The grant under which the calling peer may write this message to the addressed alias. */
function permitSend(
  deps: Deps,
  exchange: Exchange,
  peer: Peer,
  { isNew, agent }: { readonly isNew: boolean; readonly agent: string | null },
): InboundGrant {
  const { alias } = exchange;
  const counted = isNew && alias !== null;
  const usage = counted ? deps.inbox.usage(peer.name, alias, deps.clock.now()) : null;
  return permit(deps, exchange, { operation: 'message-send', alias, agent, usage }).grant;
}

/**
 * Stores a peer's message before anything is answered: every surface that takes messages comes through here. The
 * same id with the same content is the same task. Throws Refusal.
 * @param agent the agent that the caller says the session is of, where its surface lets it say so
 */
export async function acceptMessage(
  deps: Deps,
  exchange: Exchange,
  incoming: IncomingMessage,
  agent: string | null = null,
): Promise<InboxMessage> {
  exchange.operation = 'message-send';
  exchange.messageId = incoming.messageId;
  exchange.textDigest = deps.digests.text(incoming.text);
  const { peer } = permit(deps, exchange, { operation: 'health-read' });
  const isNew = deps.inbox.findMessage(peer.name, incoming.messageId) === null;
  const grant = permitSend(deps, exchange, peer, { isNew, agent });
  if (isNew) checkRoom(deps, grant);
  else await deps.rates.takePoll(`peer ${peer.name}`);
  const acceptance = store(deps, grant, incoming);
  if (acceptance.kind === 'reused') throw new Refusal('message-id-reused');
  record(deps, exchange, true, acceptance.kind === 'new' ? 'accepted' : 'repeated');
  if (acceptance.kind === 'new') deps.wakeInbox();
  return acceptance.message;
}
