import type { Alias } from '../../src/core/alias.ts';
import { PLAIN } from '../../src/core/content.ts';
import type { ConversationId, MessageId } from '../../src/core/message.ts';
import { BY_TASK, type NodeId, type Peer, type PeerName, type TokenDigest } from '../../src/core/peer.ts';
import { createLog } from '../../src/log.ts';
import { createPeerTransport } from '../../src/peer-transport/a2a-transport.ts';
import type { PeerTransportLimits } from '../../src/peer-transport/limits.ts';
import type { OutboxMessage } from '../../src/ports/messages.ts';
import { fakeTailnet, tailnetNode, tailnetState } from './fake-tailnet.ts';
import { ADDRESS, TOKEN } from './peer-listener.ts';

export const NOW = 1_800_000_000_000;

/** A message of ours to the peer `alice`, not yet handed over. */
export function outboxMessage(changed: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id: 'm-1' as MessageId,
    peer: 'alice' as PeerName,
    alias: 'inbox' as Alias,
    conversation: 'ctx-1' as ConversationId,
    text: 'hello',
    content: PLAIN,
    hop: 0,
    replySession: null,
    inReplyTo: null,
    offeredAt: null,
    hold: null,
    holdUntil: null,
    peerHold: null,
    isReleased: false,
    createdAt: NOW,
    updatedAt: NOW,
    expiresAt: NOW + 3_600_000,
    state: 'queued',
    attempts: 0,
    nextAttemptAt: NOW,
    taskId: null,
    reply: null,
    reason: null,
    detail: null,
    erasedAt: null,
    ...changed,
  };
}

export interface SenderOptions {
  readonly port: number;
  readonly localAddress?: string;
  readonly limits?: Partial<PeerTransportLimits>;
}

/** Bob's transport, with one peer `alice` on node `nself` at 127.0.0.1: where the fake listener of the tests is. */
export function createSender({ port, localAddress = ADDRESS.bob, limits = {} }: SenderOptions) {
  const tailnet = tailnetState(tailnetNode('nbob', ADDRESS.bob), [tailnetNode('nself', ADDRESS.self)]);
  const logged: string[] = [];
  const state = {
    token: TOKEN.bob as string | null,
    peerState: 'active' as Peer['state'],
    expiresAt: null as number | null,
    isPaused: false,
    replies: BY_TASK,
  };
  const alice = () => ({
    name: 'alice' as PeerName,
    nodeId: 'nself' as NodeId,
    login: '',
    tokenDigest: '' as TokenDigest,
    overlap: null,
    replies: state.replies,
    state: state.peerState,
    expiresAt: state.expiresAt,
  });
  const transport = createPeerTransport({
    tailnet: fakeTailnet(tailnet),
    peers: {
      findPeer: (name) => (name === 'alice' ? alice() : null),
      isPaused: () => state.isPaused,
      outboundToken: () => state.token,
    },
    localAddress,
    port,
    log: createLog((line) => void logged.push(line)),
    limits,
    clock: { now: () => NOW },
  });
  const never = new AbortController().signal;
  const deliver = (changed: Partial<OutboxMessage> = {}, waitMs = 0, signal = never) =>
    transport.deliver(outboxMessage(changed), waitMs, signal);
  return { transport, deliver, tailnet, state, logged };
}
