import { parseAlias, type Alias } from '../core/alias.ts';
import { readerOf, replyObjection } from '../core/attested-session.ts';
import { parseContent, type Content } from '../core/content.ts';
import type { Allowed } from '../core/decision.ts';
import { nextHop } from '../core/guard.ts';
import { parseConversationId, parseText, type ConversationId, type MessageId } from '../core/message.ts';
import { isFinalOutboxState } from '../core/outbox.ts';
import { parsePeerName, type PeerName } from '../core/peer.ts';
import { stampUuid } from '../core/restore.ts';
import { secretWarnings } from '../core/secret-words.ts';
import type { SessionKey } from '../core/session-key.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { AuditEntry, AuditLog } from '../ports/audit.ts';
import type { Draft, Messages } from '../ports/delivery.ts';
import type { GuardCounts } from '../ports/guard.ts';
import type { Clock, Digests, Random } from '../ports/machine.ts';
import type { NewOutboxMessage, OutboxMessage, OutboxStore } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import { foundMessage } from './found-message.ts';
import type { DeliveryLimits } from './limits.ts';
import { judgeSubmit } from './obstacle.ts';
import { createWaiters } from './waiting.ts';

export interface MessagesParts {
  readonly outbox: Pick<OutboxStore, 'add' | 'find' | 'list'>;
  readonly peers: Pick<PeerStore, 'policy' | 'outboundToken'>;
  readonly guard: Pick<GuardCounts, 'before'>;
  readonly audit: AuditLog;
  readonly digests: Pick<Digests, 'text'>;
  /** Tells the sender that there is something for this peer. */
  readonly wake: (peer: PeerName) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Pick<DeliveryLimits, 'ttlMs'>;
}

interface CheckedDraft {
  readonly peer: PeerName;
  readonly alias: Alias;
  readonly text: string;
  readonly content: Content;
  readonly conversation: ConversationId | null;
  readonly ttlMs: number | null;
  /** About what looks like a secret in it. */
  readonly warnings: readonly string[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const TTL = { shortestMs: MINUTE_MS, longestMs: 30 * DAY_MS };

function checkTtl(ttlMs: number): number {
  if (ttlMs >= TTL.shortestMs && ttlMs <= TTL.longestMs) return ttlMs;
  const fix = 'Use a duration from 1m to 30d; without one it is what the stack is configured for';
  throw new AgentPeerError('message-invalid', 'ttl: is too short or too long', fix);
}

function check({ peer, alias, conversation, ttlMs, ...draft }: Draft): CheckedDraft {
  const to = {
    peer: must('peer-not-found', parsePeerName(peer)),
    alias: must('alias-invalid', parseAlias(alias)),
  };
  const text = must('message-invalid', parseText(draft.text));
  const content = must('message-invalid', parseContent(draft.content ?? {}));
  return {
    ...to,
    text,
    content,
    warnings: secretWarnings(text, content),
    conversation:
      conversation === undefined
        ? null
        : must('message-invalid', parseConversationId(conversation, 'conversation')),
    ttlMs: ttlMs === undefined ? null : checkTtl(ttlMs),
  };
}

type Result = Pick<AuditEntry, 'allowed' | 'reason' | 'peer' | 'messageId'>;

/** The digest is that of the text as it travels, so that the receiver's log has the same one. */
function record({ audit, digests }: MessagesParts, { alias, text }: CheckedDraft, result: Result): void {
  audit.record({
    direction: 'outbound',
    surface: 'local',
    operation: 'message-submit',
    allowed: result.allowed,
    reason: result.reason,
    peer: result.peer,
    nodeId: null,
    alias,
    messageId: result.messageId,
    textDigest: digests.text(text),
  });
}

type Permitted = Allowed<'message-submit'>;

/** Throws AgentPeerError with why this message may not be sent; that it was wanted stands in the audit log. */
function checkPermitted(parts: MessagesParts, draft: CheckedDraft): Permitted {
  const judged = judgeSubmit(parts, draft, draft.warnings.length > 0);
  if (judged.kind === 'permitted') return judged.permitted;
  const { reason, peer, error } = judged.obstacle;
  record(parts, draft, { allowed: false, reason, peer, messageId: null });
  throw error;
}

function noReplySession(what: string, { grant, peer }: Permitted): AgentPeerError {
  const list = `agent-peer grants add ${peer.name} ${grant.alias} --outbound --reply-session <session-key>`;
  return new AgentPeerError(
    'reply-session-missing',
    what,
    `Wait for the reply instead; or the owner lists a session: ${list}`,
  );
}

function replySessionOf(permitted: Permitted, { replyToSession = false, session }: Draft): SessionKey | null {
  const { grant, peer } = permitted;
  if (replyToSession === false) return null;
  if (replyToSession === 'where-listed') return grant.replySession;
  if (session !== undefined) {
    const objection = replyObjection(session, grant.replySession);
    if (objection === null) return session.sessionKey;
    throw noReplySession(`no reply can be put into the calling session: it ${objection}`, permitted);
  }
  if (grant.replySession !== null) return grant.replySession;
  throw noReplySession(`no local session is listed for replies of "${peer.name}"`, permitted);
}

function hopOf(
  { guard, clock }: MessagesParts,
  { by, session }: Draft,
  { peer, conversation }: CheckedDraft,
): number {
  return by === 'owner'
    ? 0
    : nextHop(guard.before(peer, conversation, readerOf(session ?? null), clock.now()));
}

/** The local side of the outbox. */
export function createMessages(parts: MessagesParts): Messages & { changed(message: OutboxMessage): void } {
  const { outbox, wake, clock, random, limits } = parts;
  const waiters = createWaiters<MessageId>();
  const newMessage = (draft: Draft, checked: CheckedDraft, permitted: Permitted): NewOutboxMessage => {
    const { peer, alias, text, content, conversation, ttlMs } = checked;
    const createdAt = clock.now();
    return {
      id: stampUuid(random.uuid(), createdAt) as MessageId,
      peer,
      alias,
      conversation: conversation ?? (random.uuid() as ConversationId),
      text,
      content,
      hop: hopOf(parts, draft, checked),
      replySession: replySessionOf(permitted, draft),
      inReplyTo: null,
      hold: permitted.hold,
      createdAt,
      expiresAt: createdAt + (ttlMs ?? limits.ttlMs),
      ...(draft.client === undefined ? {} : { client: draft.client }),
    };
  };
  return {
    submit: (draft) => {
      const checked = check(draft);
      const permitted = checkPermitted(parts, checked);
      const stored = outbox.add(newMessage(draft, checked, permitted));
      const { id: messageId, peer, hold } = stored;
      const reason = hold === null ? 'accepted' : `held-${hold}`;
      record(parts, checked, { allowed: true, reason, peer, messageId });
      wake(peer);
      return { ...stored, warnings: checked.warnings };
    },
    find: (id) => outbox.find(id),
    list: (limit) => outbox.list(limit),
    settled: async (id, waitMs, signal) => {
      const message = foundMessage(outbox, id);
      if (isFinalOutboxState(message.state)) return message;
      await waiters.wait(message.id, waitMs, signal);
      return foundMessage(outbox, id);
    },
    changed: (message) => {
      if (isFinalOutboxState(message.state)) waiters.release(message.id);
    },
  };
}
