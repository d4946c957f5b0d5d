import type { PeerTransport, TaskCancel } from '../ports/delivery.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { createA2aCall, undeliveredDetail, type PeerTransportDeps } from './a2a-call.ts';
import { PEER_TRANSPORT_LIMITS } from './limits.ts';
import { readAnswer } from './read-answer.ts';
import { readCancelAnswer } from './read-cancel-answer.ts';
import { cancelBody, requestBody } from './request-body.ts';
import { createStockDelivery } from './stock-transport.ts';

/**
 * The sending end of the peer wire. A message that has no receipt yet is handed over without waiting, so that it
 * counts as received as soon as it is on the peer's disk; one that has is asked for again, under the same id, and
 * waited on: that is how its reply is fetched.
 */
export function createPeerTransport(deps: PeerTransportDeps): PeerTransport & TaskCancel {
  const { peers, log, onSent, clock = { now: Date.now } } = deps;
  const { peerWaitMs } = { ...PEER_TRANSPORT_LIMITS, ...deps.limits };
  const call = createA2aCall(deps, clock);
  const toStock = createStockDelivery(deps, call);
  const isStock = ({ peer }: OutboxMessage) => peers.findPeer(peer)?.replies.mode === 'send-back';
  return {
    deliver: async (message, waitMs, signal) => {
      const returnImmediately = message.state === 'queued' || waitMs <= 0;
      const heldMs = returnImmediately ? 0 : Math.max(waitMs, peerWaitMs);
      try {
        if (isStock(message)) return await toStock(message, signal);
        const body = requestBody(message, clock.now(), returnImmediately);
        const answer = await call(message, { body, heldMs, onSent: () => onSent?.(message) }, signal);
        return readAnswer(answer, message, clock.now());
      } catch (error) {
        return { kind: 'not-delivered', detail: undeliveredDetail(error, message, log) };
      }
    },
    cancel: async (message, taskId, signal) => {
      try {
        const answer = await call(message, { body: cancelBody(message, taskId), heldMs: 0 }, signal);
        return readCancelAnswer(answer, message, taskId);
      } catch (error) {
        return { kind: 'unreachable', detail: undeliveredDetail(error, message, log) };
      }
    },
  };
}
