import type { Allowed } from '../core/decision.ts';
import { guard, hopAfter, type Load } from '../core/guard.ts';
import type { ConversationId, TaskId } from '../core/message.ts';
import type { Peer, PeerName } from '../core/peer.ts';
import type { Acceptance, InboxMessage } from '../ports/messages.ts';
import type { Deps } from './deps.ts';
import { permit, policyOf, record, type Exchange } from './exchange.ts';
import { sentContent, type SentMessage } from '../a2a/sent-message.ts';
import { Refusal } from '../a2a/refusal.ts';

function store(deps: Deps, { grant, hold }: Permitted, incoming: SentMessage): Acceptance {
  const { clock, digests, inbox, limits, random, turnKey } = deps;
  const { peer, alias, sessionKey } = grant;
  const now = clock.now();
  return inbox.accept({
    taskId: random.uuid() as TaskId,
    peer,
    messageId: incoming.messageId,
    contentDigest: digests.text(sentContent(alias, incoming)),
    alias,
    sessionKey,
    conversation: incoming.conversation ?? (random.uuid() as ConversationId),
    text: incoming.text,
    content: incoming.content,
    hop: incoming.hop,
    hold,
    createdAt: now,
    expiresAt: now + Math.min(incoming.ttlMs ?? limits.defaultTtlMs, limits.maxTtlMs),
    turnKey: turnKey(peer, incoming.messageId),
  });
}

/** What must be so for a message that is new; one that comes again finds its task even while this is not so. */
function checkRoom({ readiness }: Deps): void {
  const obstacle = readiness();
  if (obstacle !== null) throw new Refusal(obstacle);
}

type Permitted = Pick<Allowed<'message-send'>, 'grant' | 'hold'>;

interface Sending {
  readonly peer: Peer;
  readonly isNew: boolean;
  readonly agent: string | null;
}

/** A peer whose replies are sent back counts no hops: what it was told has to. */
function withHop({ guard, clock }: Deps, { name, replies }: Peer, incoming: SentMessage): SentMessage {
  if (replies.mode === 'task') return incoming;
  const told = guard.told(name, clock.now());
  return { ...incoming, hop: Math.max(incoming.hop, hopAfter(told)) };
}

function loadOf({ guard, clock }: Deps, peer: PeerName, { hop, conversation }: Chained): Load {
  return { hop, ...guard.load(peer, conversation, clock.now()) };
}
type Chained = Pick<SentMessage, 'hop' | 'conversation'>;

/** Whether the calling peer may write this message to the addressed alias, and whether a person looks at it first. */
function permitSend(
  deps: Deps,
  exchange: Exchange,
  incoming: SentMessage,
  { peer, isNew, agent }: Sending,
): Permitted {
  const { alias } = exchange;
  const counted = isNew && alias !== null;
  const usage = counted ? deps.inbox.usage(peer.name, alias, deps.clock.now()) : null;
  const load = counted ? loadOf(deps, peer.name, incoming) : null;
  return permit(deps, exchange, { operation: 'message-send', alias, agent, usage, load });
}

/**
 * A message that was held for its hops comes again with fewer: the owner of its sender has looked at it, and it begins a
 * chain of its own. A sender could have said so at first, so it gains nothing by it; what else would hold it, does.
 */
function releaseByPeer(
  deps: Deps,
  { taskId, peer, conversation }: InboxMessage,
  hop: number,
): InboxMessage | null {
  const load = loadOf(deps, peer, { hop, conversation });
  if (guard(load, policyOf(deps).limits.budgets) !== null) return null;
  return deps.inbox.apply(taskId, { kind: 'approved' }, deps.clock.now()).message;
}

function takeAgain(deps: Deps, exchange: Exchange, message: InboxMessage, hop: number): InboxMessage {
  const isForHops = message.state === 'held' && message.hold === 'hop-limit';
  const released = isForHops ? releaseByPeer(deps, message, hop) : null;
  record(deps, exchange, true, released === null ? 'repeated' : 'released-by-peer');
  if (released !== null) deps.wakeInbox();
  return released ?? message;
}

function takeNew(deps: Deps, exchange: Exchange, message: InboxMessage): InboxMessage {
  record(deps, exchange, true, message.hold === null ? 'accepted' : `held-${message.hold}`);
  if (message.hold === null) deps.wakeInbox();
  return message;
}

/**
 * Stores a peer's message before anything is answered: every surface that takes messages comes through here. The
 * same id with the same content is the same task. Throws Refusal.
 * @param agent the agent that the caller says the session is of, where its surface lets it say so
 */
export async function acceptMessage(
  deps: Deps,
  exchange: Exchange,
  sent: SentMessage,
  agent: string | null = null,
): Promise<InboxMessage> {
  exchange.operation = 'message-send';
  exchange.messageId = sent.messageId;
  exchange.textDigest = deps.digests.text(sent.text);
  const { peer } = permit(deps, exchange, { operation: 'health-read' });
  const incoming = withHop(deps, peer, sent);
  const isNew = deps.inbox.findMessage(peer.name, incoming.messageId) === null;
  const permitted = permitSend(deps, exchange, incoming, { peer, isNew, agent });
  if (isNew) checkRoom(deps);
  else await deps.rates.takePoll(`peer ${peer.name}`);
  const acceptance = store(deps, permitted, incoming);
  switch (acceptance.kind) {
    case 'reused':
      throw new Refusal('message-id-reused');
    case 'repeated':
      return takeAgain(deps, exchange, acceptance.message, incoming.hop);
    case 'new':
      return takeNew(deps, exchange, acceptance.message);
  }
}
