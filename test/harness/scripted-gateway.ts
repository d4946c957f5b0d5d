import type { TurnOutcome, TurnTrace } from '../../src/core/inbox.ts';
import { AgentPeerError } from '../../src/errors.ts';
import type { Gateway, GatewayState, Turn } from '../../src/ports/gateway.ts';

/** One turn as the gateway has it: it goes on there whatever becomes of the connection. */
interface Row {
  readonly turn: Turn;
  end: TurnTrace;
}

export interface ScriptedGateway extends Gateway {
  /** Every turn that a session saw, in order. */
  readonly turns: readonly Turn[];
  /** How many turns ran at the same time at most. */
  readonly most: () => number;
  readonly looks: () => number;
  /** Keys of the turns that it was told to abort, in order. */
  readonly aborts: readonly string[];
  /** The instants that were looked back to. */
  readonly lookedSince: readonly (number | undefined)[];
  /** What a turn answers; may take its time. Null is silence. */
  answer(script: (turn: Turn) => Promise<string | null> | string | null): void;
  /** What the next calls of runTurn answer in place of running anything. */
  nextOutcomes(...outcomes: TurnOutcome[]): void;
  /** What findTurn says of this key. */
  remember(key: string, trace: TurnTrace): void;
  connect(): void;
  /** Calls under way end as `lost`; their turns go on. */
  disconnect(): void;
}

const ABORTED = { kind: 'failed', detail: 'the turn was stopped here' } as const;
const READY: GatewayState = { kind: 'ready', version: 'scripted', scopes: [] };

export function createScriptedGateway(): ScriptedGateway {
  const rows = new Map<string, Row>();
  const traces = new Map<string, TurnTrace>();
  const turns: Turn[] = [];
  const planned: TurnOutcome[] = [];
  const onReady = new Set<() => void>();
  let script: (turn: Turn) => Promise<string | null> | string | null = (turn) => `answer to ${turn.key}`;
  let connection = new AbortController();
  let state: GatewayState = READY;
  let running = 0;
  let most = 0;
  let looks = 0;
  const lookedSince: (number | undefined)[] = [];
  const aborts: string[] = [];

  const play = async (row: Row): Promise<TurnOutcome> => {
    running += 1;
    most = Math.max(most, running);
    const text = await script(row.turn);
    running -= 1;
    const ended = text === null ? ({ kind: 'silent' } as const) : ({ kind: 'replied', text } as const);
    if (row.end.kind === 'running') row.end = ended;
    return ended;
  };
  const cut = (...signals: AbortSignal[]): Promise<TurnOutcome> =>
    new Promise((resolve) => {
      const signal = AbortSignal.any(signals);
      signal.addEventListener('abort', () => resolve({ kind: 'lost', detail: 'the connection was cut' }));
    });
  /** With a reason the turn ends in the gateway, without one it goes on there. */
  const stopped = (row: Row, signal: AbortSignal): Promise<TurnOutcome> =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        if (signal.reason instanceof DOMException) return;
        abort(row.turn.key);
        resolve(ABORTED);
      });
    });
  const abort = (key: string): void => {
    aborts.push(key);
    const row = rows.get(key);
    if (row?.end.kind === 'running') row.end = ABORTED;
  };

  return {
    turns,
    most: () => most,
    looks: () => looks,
    lookedSince,
    aborts,
    answer: (next) => {
      script = next;
    },
    nextOutcomes: (...outcomes) => void planned.push(...outcomes),
    remember: (key, trace) => void traces.set(key, trace),
    connect: () => {
      state = READY;
      connection = new AbortController();
      for (const tell of [...onReady]) tell();
    },
    disconnect: () => {
      state = { kind: 'connecting', detail: 'scripted' };
      connection.abort();
    },
    state: () => state,
    runTurn: (turn, signal) => {
      const outcome = planned.shift();
      if (outcome !== undefined) return Promise.resolve(outcome);
      if (state.kind !== 'ready') return Promise.resolve({ kind: 'not-sent', detail: 'not connected' });
      turns.push(turn);
      const row: Row = { turn, end: { kind: 'running' } };
      rows.set(turn.key, row);
      return Promise.race([play(row), stopped(row, signal), cut(connection.signal, signal)]);
    },
    abortTurn: ({ key }) => {
      abort(key);
      return Promise.resolve();
    },
    findTurn: ({ key, since }) => {
      looks += 1;
      lookedSince.push(since);
      if (state.kind !== 'ready') {
        return Promise.reject(new AgentPeerError('gateway-unreachable', 'not connected', 'Start it'));
      }
      return Promise.resolve(traces.get(key) ?? rows.get(key)?.end ?? { kind: 'absent' });
    },
    whenReady: (signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          onReady.delete(done);
          resolve();
        };
        onReady.add(done);
        signal.addEventListener('abort', done);
        if (state.kind === 'ready' || signal.aborted) done();
      }),
  };
}
