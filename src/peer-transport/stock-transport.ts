import type { OutboxEvent } from '../core/outbox.ts';
import type { OutboxMessage } from '../ports/messages.ts';
import { undeliveredDetail, type A2aCall, type PeerTransportDeps } from './a2a-call.ts';
import { perhapsTaken, readOffer, readProbe, readTask } from './read-stock-answer.ts';
import { stockSendBody, stockTaskBody } from './stock-body.ts';

type Deps = Pick<PeerTransportDeps, 'log' | 'onOffer' | 'onSent'>;

/**
 * The sending end towards an OpenClaw's own A2A channel. Such a channel keeps its tasks in memory, by ids of its own: the
 * same message twice is two turns there. So it is asked first whether it is there at all, a message is offered to it once,
 * and from the moment that the connection for that stands, an attempt without an answer ends it as `uncertain`. Its reply is
 * asked for by the task.
 */
export type StockDelivery = (message: OutboxMessage, signal: AbortSignal) => Promise<OutboxEvent>;

export function createStockDelivery({ log, onOffer, onSent }: Deps, call: A2aCall): StockDelivery {
  const offer: StockDelivery = async (message, signal) => {
    const state = { isOffered: false };
    const onConnected = (): void => {
      onOffer?.(message);
      state.isOffered = true;
    };
    try {
      const body = stockSendBody(message);
      const sending = { body, heldMs: 0, onConnected, onSent: () => onSent?.(message) };
      return readOffer(await call(message, sending, signal), message);
    } catch (error) {
      const detail = undeliveredDetail(error, message, log);
      return state.isOffered ? perhapsTaken(detail) : { kind: 'not-delivered', detail };
    }
  };

  const askFor = async (message: OutboxMessage, taskId: string, signal: AbortSignal) =>
    await call(
      message,
      { body: stockTaskBody(message, taskId), heldMs: 0, onSent: () => onSent?.(message) },
      signal,
    );

  return async (message, signal) => {
    try {
      if (message.taskId !== null) return readTask(await askFor(message, message.taskId, signal), message);
      // Nothing there has this id, and the answer that says so can come from nobody but the channel, with our token taken.
      const probe = { body: stockTaskBody(message, message.id), heldMs: 0 };
      const away = readProbe(await call(message, probe, signal), message);
      if (away !== null) return away;
    } catch (error) {
      return { kind: 'not-delivered', detail: undeliveredDetail(error, message, log) };
    }
    return await offer(message, signal);
  };
}
