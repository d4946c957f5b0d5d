/** Well-formed values, so that a test names only what it is about. */
import type { Alias } from '../../src/core/alias.ts';
import { PLAIN } from '../../src/core/content.ts';
import {
  DEFAULT_OUTBOUND_TERMS,
  DEFAULT_TERMS,
  type InboundGrant,
  type OutboundGrant,
} from '../../src/core/grant.ts';
import type { ConversationId, MessageId, TaskId } from '../../src/core/message.ts';
import { BY_TASK, type NodeId, type Peer, type PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createDigests } from '../../src/digests.ts';
import type { NewInboxMessage, NewOutboxMessage } from '../../src/ports/messages.ts';
import type { InviteRecord, NewPairing } from '../../src/ports/pairing-store.ts';

export const BOB = 'bob' as PeerName;
export const CAROL = 'carol' as PeerName;
export const HANDOFF = 'handoff' as Alias;
export const SESSION = 'agent:main:peer-bob' as SessionKey;

export function samplePeer(name: PeerName = BOB, over: Partial<Peer> = {}): Peer {
  return {
    name,
    nodeId: `n${name}CNTRL` as NodeId,
    login: `${name}@example.com`,
    tokenDigest: createDigests().token(`token of ${name}`),
    overlap: null,
    replies: BY_TASK,
    state: 'active',
    expiresAt: null,
    ...over,
  };
}

export function sampleGrant(over: Partial<InboundGrant> = {}): InboundGrant {
  return {
    direction: 'inbound',
    peer: BOB,
    alias: HANDOFF,
    sessionKey: SESSION,
    ...DEFAULT_TERMS,
    ...over,
  };
}

export function sampleOutboundGrant(over: Partial<OutboundGrant> = {}): OutboundGrant {
  return { direction: 'outbound', peer: BOB, alias: 'any', ...DEFAULT_OUTBOUND_TERMS, ...over };
}

/** On the side that accepts an invite, before its maker has answered. */
export function samplePairing(name: string, over: Partial<NewPairing['record']> = {}): NewPairing {
  const createdAt = Date.UTC(2026, 0, 1);
  const token = `apt_${`token-for-${name}`.padEnd(43, '-')}`;
  const tokenDigest = createDigests().token(token);
  return {
    peer: samplePeer(name as PeerName, { state: 'provisional', tokenDigest }),
    token,
    grants: [sampleGrant({ peer: name as PeerName })],
    record: {
      secret: `secret-of-the-invite-${name}`,
      hold: 'none',
      hasToken: false,
      ownConfirmed: false,
      otherConfirmed: false,
      otherReady: false,
      offered: null,
      createdAt,
      expiresAt: createdAt + 900_000,
      ...over,
    },
  };
}

export function sampleInvite(id: string, over: Partial<InviteRecord> = {}): InviteRecord {
  const createdAt = over.createdAt ?? Date.UTC(2026, 0, 1);
  return {
    id,
    peer: BOB,
    secretDigest: createDigests().token(`secret of ${id}`),
    nodeId: null,
    claimedBy: null,
    cancelled: false,
    confirmed: false,
    grants: [sampleGrant(over.peer === undefined ? {} : { peer: over.peer })],
    hold: 'none',
    peerExpiresAt: null,
    createdAt,
    expiresAt: createdAt + 900_000,
    ...over,
  };
}

export function sampleOutbound(id: string, over: Partial<NewOutboxMessage> = {}): NewOutboxMessage {
  const createdAt = over.createdAt ?? Date.UTC(2026, 0, 1);
  return {
    id: id as MessageId,
    peer: BOB,
    alias: HANDOFF,
    conversation: `conversation-${id}` as ConversationId,
    text: `text of ${id}`,
    content: PLAIN,
    hop: 0,
    replySession: null,
    inReplyTo: null,
    hold: null,
    createdAt,
    expiresAt: createdAt + 72 * 3_600_000,
    ...over,
  };
}

export function sampleInbound(id: string, over: Partial<NewInboxMessage> = {}): NewInboxMessage {
  const createdAt = over.createdAt ?? Date.UTC(2026, 0, 1);
  const text = over.text ?? `text of ${id}`;
  return {
    taskId: `task-${id}` as TaskId,
    peer: BOB,
    messageId: id as MessageId,
    contentDigest: createDigests().text(text),
    alias: HANDOFF,
    sessionKey: SESSION,
    conversation: `conversation-${id}` as ConversationId,
    text,
    content: PLAIN,
    hop: 1,
    hold: null,
    createdAt,
    expiresAt: createdAt + 72 * 3_600_000,
    turnKey: `key-${id}`,
    ...over,
  };
}
