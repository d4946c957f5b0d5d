import { expect, onTestFinished, vi } from 'vitest';
import type { OutboxState } from '../../src/core/outbox.ts';
import { DELIVERY_LIMITS, type DeliveryLimits } from '../../src/delivery/limits.ts';
import { createOutboxSender } from '../../src/delivery/outbox-sender.ts';
import type { ReplyHolds } from '../../src/delivery/reply-holds.ts';
import type { MakeReplyTurn } from '../../src/delivery/reply-turn.ts';
import type { PeerTransport } from '../../src/ports/delivery.ts';
import type { Clock } from '../../src/ports/machine.ts';
import type { OutboxStore } from '../../src/ports/messages.ts';
import type { PeerStore } from '../../src/ports/policy-store.ts';
import { systemRandom } from '../../src/system.ts';
import { createFakeClock } from './fake-clock.ts';
import { NO_REPLY_TURNS } from './reply-turns.ts';
import { createMemoryLog } from './memory-log.ts';
import { BOB, CAROL, sampleOutbound, samplePeer } from './samples.ts';
import { createScriptedPeers, type ScriptedPeers } from './scripted-peers.ts';
import { tempStore, type TempStore } from './temp-store.ts';

/** A store on disk with two peers that do what the test says. */
export interface Ground {
  readonly store: TempStore;
  readonly peers: ScriptedPeers;
  readonly clock: Clock;
  readonly changes: string[];
  readonly log: ReturnType<typeof createMemoryLog>;
}

export function ground(clock: Clock = createFakeClock()): Ground {
  const store = tempStore(clock);
  for (const name of [BOB, CAROL]) {
    store.peers.addPeer(samplePeer(name));
    store.peers.putOutboundToken(name, `token for ${name}`);
  }
  return { store, peers: createScriptedPeers(), clock, changes: [], log: createMemoryLog() };
}

type Options = Partial<DeliveryLimits> & {
  outbox?: OutboxStore;
  transport?: PeerTransport;
  peerStore?: PeerStore;
  replyHolds?: ReplyHolds;
  replyTurn?: MakeReplyTurn;
};

/** Stopped when the test is over. */
export function startSender({ store, peers, clock, changes, log }: Ground, options: Options = {}) {
  const sender = createOutboxSender({
    outbox: options.outbox ?? store.outbox,
    peers: options.peerStore ?? store.peers,
    transport: options.transport ?? peers,
    clock,
    log,
    random: systemRandom,
    replyHolds: options.replyHolds ?? (() => null),
    replyTurn: options.replyTurn ?? NO_REPLY_TURNS,
    onChange: ({ id, state }) => changes.push(`${id} ${state}`),
    limits: { ...DELIVERY_LIMITS, ...options },
  });
  sender.start();
  onTestFinished(() => sender.stop());
  return sender;
}

export const add = ({ store, clock }: Ground, id: string, over: Parameters<typeof sampleOutbound>[1] = {}) =>
  store.outbox.add(sampleOutbound(id, { createdAt: clock.now(), ...over }));
export const find = ({ store }: Ground, id: string) => store.outbox.find(id);
export const becomes = (g: Ground, id: string, state: OutboxState) =>
  vi.waitFor(() => expect(find(g, id)?.state).toBe(state), { timeout: 5_000, interval: 2 });
