import type { OutboxEvent } from '../../src/core/outbox.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { PeerTransport } from '../../src/ports/delivery.ts';
import type { OutboxMessage } from '../../src/ports/messages.ts';

export interface ScriptedPeers extends PeerTransport {
  /** Ids in the order in which they came to be on a peer's disk. */
  readonly arrivals: readonly string[];
  /** Ids in the order in which they were tried. */
  readonly attempts: readonly string[];
  /** The largest number of attempts that were under way for one message at once. */
  readonly mostAtOnce: () => number;
  /** `away`: no connection. `hung`: connects and never answers. */
  set(peer: PeerName, state: 'there' | 'away' | 'hung'): void;
  /** This message alone meets an error at the peer. */
  stumbleOver(id: string, stumbles: boolean): void;
  reply(id: string, text: string | null): void;
}

interface Task {
  reply?: string | null;
  readonly waiting: Set<() => void>;
}

function until(signal: AbortSignal, ms: number, waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      waiting.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    waiting.add(done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

const lost = (detail: string): OutboxEvent => ({ kind: 'not-delivered', detail });

/** Peers that keep what they get and answer when they are told to. */
export function createScriptedPeers(): ScriptedPeers {
  const states = new Map<PeerName, 'there' | 'away' | 'hung'>();
  const tasks = new Map<string, Task>();
  const stumbles = new Set<string>();
  const underWay = new Map<string, number>();
  const arrivals: string[] = [];
  const attempts: string[] = [];
  let most = 0;

  const taskOf = (id: string): Task => {
    const task = tasks.get(id) ?? { waiting: new Set() };
    if (!tasks.has(id)) arrivals.push(id);
    tasks.set(id, task);
    return task;
  };

  const meet = async (
    { id, peer }: OutboxMessage,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<OutboxEvent> => {
    if (states.get(peer) === 'away') return lost('no route to host');
    if (states.get(peer) === 'hung') {
      await until(signal, 2 ** 30, new Set());
      return lost('aborted');
    }
    if (stumbles.has(id)) return lost('the peer answered internal-error');
    const task = taskOf(id);
    if (task.reply === undefined && waitMs > 0) await until(signal, waitMs, task.waiting);
    if (signal.aborted) return lost('aborted');
    const taskId = `task-${id}`;
    return task.reply === undefined
      ? { kind: 'receipt', taskId }
      : { kind: 'replied', taskId, reply: task.reply };
  };

  return {
    arrivals,
    attempts,
    mostAtOnce: () => most,
    set: (peer, state) => void states.set(peer, state),
    stumbleOver: (id, does) => {
      if (does) stumbles.add(id);
      else stumbles.delete(id);
    },
    reply: (id, text) => {
      const task = tasks.get(id);
      if (task === undefined) throw new Error(`${id} never arrived`);
      task.reply = text;
      for (const tell of [...task.waiting]) tell();
    },
    deliver: async (message, waitMs, signal) => {
      attempts.push(message.id);
      const now = (underWay.get(message.id) ?? 0) + 1;
      underWay.set(message.id, now);
      most = Math.max(most, now);
      const event = await meet(message, waitMs, signal);
      underWay.set(message.id, now - 1);
      return event;
    },
  };
}
