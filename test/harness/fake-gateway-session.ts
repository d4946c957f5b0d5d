import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createFakeTranscript,
  RECOVERY,
  type FakeTranscript,
  type PageParams,
} from './fake-gateway-transcript.ts';

/** What the fake's model says to a text: a reply, `NO_REPLY`, or nothing because the model call failed. */
export type FakeReply = string | { readonly fails: true };
export type Model = (text: string, sessionKey: string) => Promise<FakeReply>;

/** A response frame's outcome, as the gateway gives it. */
export interface Answer {
  readonly ok: boolean;
  readonly payload?: object;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly retryable?: boolean;
    readonly details?: object;
  };
}
export type Respond = (answer: Answer) => void;

export interface AgentParams {
  readonly idempotencyKey: string;
  readonly message: string;
  readonly inputProvenance?: unknown;
  readonly timeout?: number;
}

interface Run {
  readonly runId: string;
  readonly text: string;
  readonly provenance: unknown;
  readonly timeoutMs: number;
  readonly respond: Respond;
  readonly abort: AbortController;
  readonly life: number;
  state: 'queued' | 'interrupted' | 'cancelled' | 'running' | 'cut-off' | 'ended';
  final: Answer | null;
}

export interface FakeSession {
  readonly transcript: FakeTranscript;
  /** As a row of the gateway's list; null while no turn was asked for. */
  row(): object | null;
  agent(params: AgentParams, respond: Respond): void;
  wait(runId: string): object;
  abort(runId: string): object;
  history(params: PageParams): object;
  /** Ends everything without a trace in memory, as `kill -9` does. */
  crash(): void;
  /** Refuses what it has not begun, as a gateway does that was asked to stop. */
  drain(): void;
  /** Resumes what a crash cut off, under a new run. */
  resume(): void;
  /** The owner's `/reset`: a turn that runs is ended as by a restart, and the last run is forgotten. */
  reset(): void;
  /** Makes it a session of long ago. */
  age(ms: number): void;
}

const RESUME =
  '[System] Your previous turn was interrupted by a gateway restart. Continue from the existing transcript.';
const PENDING = new Set(['queued', 'interrupted', 'cancelled']);

function refusal(message: string, payload?: object): Answer {
  return {
    ok: false,
    error: { code: 'UNAVAILABLE', message, retryable: false },
    ...(payload === undefined ? {} : { payload }),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function aborted({ signal }: AbortController): Promise<'aborted'> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));
}

export function createFakeSession(sessionKey: string, model: Model): FakeSession {
  const transcript = createFakeTranscript();
  let createdAt = Date.now();
  const runs: Run[] = [];
  let life = 0;
  let askedAt = createdAt;
  let last: { readonly runId: string; readonly status: string } | null = null;

  const running = (): Run | undefined => runs.find((run) => run.state === 'running');
  const find = (runId: string): Run | undefined => runs.findLast((run) => run.runId === runId);

  function finish(run: Run, status: string, final: Answer): void {
    last = { runId: run.runId, status };
    run.state = run.state === 'queued' ? 'cancelled' : 'ended';
    run.final = final;
    run.respond(final);
    pump();
  }

  function ended(run: Run, reply: FakeReply): void {
    const { runId } = run;
    if (typeof reply !== 'string') {
      transcript.failure(runId);
      const summary = 'model secret-model failed in /home/node/secret-path';
      finish(run, 'failed', refusal(summary, { runId, status: 'error', summary }));
      return;
    }
    transcript.answer(runId, reply);
    const payloads = reply === '' || reply.trim() === 'NO_REPLY' ? [] : [{ text: reply, mediaUrl: null }];
    const meta = { agentMeta: { sessionId: 'secret-session-id', model: 'secret-model' } };
    finish(run, 'done', { ok: true, payload: { runId, status: 'ok', result: { payloads, meta } } });
  }

  function ranOut(run: Run): void {
    const { runId } = run;
    transcript.cutShort(runId);
    const payloads = [{ text: 'Request timed out before a response was generated.', isError: true }];
    finish(run, 'timeout', { ok: true, payload: { runId, status: 'timeout', result: { payloads } } });
  }

  function killed(run: Run): void {
    if (run.final !== null) return;
    const payload = { runId: run.runId, status: 'timeout', summary: 'aborted', stopReason: 'rpc' };
    finish(run, 'killed', { ok: true, payload });
  }

  async function begin(run: Run): Promise<void> {
    run.state = 'running';
    transcript.user(run.runId, run.text, run.provenance);
    const late = run.timeoutMs > 0 ? sleep(run.timeoutMs, 'late' as const, { ref: false }) : never();
    const first = await Promise.race([
      model(run.text, sessionKey).then((reply) => ({ reply })),
      late,
      aborted(run.abort),
    ]);
    if (run.life !== life) return;
    if (first === 'late') ranOut(run);
    else if (first === 'aborted') killed(run);
    else ended(run, first.reply);
  }

  function pump(): void {
    const next = runs.find((run) => run.state === 'queued');
    if (next !== undefined && running() === undefined) void begin(next);
  }

  function add(run: Pick<Run, 'runId' | 'text' | 'provenance' | 'timeoutMs' | 'respond'>): void {
    runs.push({ ...run, abort: new AbortController(), life, state: 'queued', final: null });
    pump();
  }

  function again(run: Run, respond: Respond): void {
    const { runId } = run;
    if (run.life === life) respond(run.final ?? { ok: true, payload: { runId, status: 'in_flight' } });
    else if (run.state === 'interrupted')
      respond(refusal('Pending input ownership ended; submit a new turn'));
    else {
      respond({ ok: true, payload: { runId, status: 'accepted' } });
      transcript.failure(runId);
      respond({
        ok: true,
        payload: { runId, status: 'error', summary: 'keyed user is outside the current turn' },
      });
    }
  }

  return {
    transcript,
    row: () => {
      if (runs.length === 0) return null;
      const agentId = sessionKey.split(':')[1];
      return { key: sessionKey, agentId, updatedAt: Date.now(), lastInteractionAt: askedAt };
    },
    agent: ({ idempotencyKey: runId, message, inputProvenance, timeout = 0 }, respond) => {
      const known = find(runId);
      if (known !== undefined) {
        again(known, respond);
        return;
      }
      askedAt = Date.now();
      respond({ ok: true, payload: { runId, sessionKey, status: 'accepted', acceptedAt: askedAt } });
      add({ runId, text: message, provenance: inputProvenance, timeoutMs: timeout * 1000, respond });
    },
    wait: (runId) => {
      const run = find(runId);
      if (run === undefined || run.life !== life || run.final === null) return { runId, status: 'timeout' };
      const { status, result } = run.final.payload as {
        status: string;
        result?: { payloads: readonly unknown[] };
      };
      if (status !== 'ok') return { runId, status: 'error', endedAt: Date.now() };
      return {
        runId,
        status,
        terminalReply: { disposition: result?.payloads.length === 0 ? 'silent' : 'visible' },
      };
    },
    abort: (runId) => {
      const run = find(runId);
      const open = run?.state === 'queued' || run?.state === 'running';
      if (run?.state === 'queued') killed(run);
      else if (run?.state === 'running') run.abort.abort();
      return { ok: true, aborted: open, runIds: open ? [runId] : [] };
    },
    history: (params) => {
      const active = running();
      const waits = runs.some(({ state }) => state === 'cut-off');
      const items = runs
        .filter(({ state }) => PENDING.has(state))
        .map(({ runId, state }) => ({ runId, state }));
      const status = active !== undefined || waits ? 'running' : last?.status;
      return {
        sessionKey,
        ...transcript.page(params),
        pendingInputs: { items, total: items.length },
        sessionInfo: { createdAt, status, lastRunId: last?.runId, hasActiveRun: active !== undefined },
        ...(active === undefined ? {} : { inFlightRun: { runId: active.runId } }),
      };
    },
    crash: () => {
      life += 1;
      for (const run of runs) {
        if (run.state === 'queued') run.state = 'interrupted';
        if (run.state === 'running') run.state = 'cut-off';
      }
    },
    drain: () => {
      const summary = 'Gateway is draining; new tasks are not accepted';
      for (const run of runs.filter(({ state }) => state === 'queued')) {
        run.state = 'interrupted';
        run.respond(refusal(summary, { runId: run.runId, status: 'error', summary }));
      }
    },
    resume: () => {
      for (const run of runs.filter(({ state }) => state === 'cut-off')) {
        run.state = 'ended';
        add({
          runId: randomUUID(),
          text: RESUME,
          provenance: RECOVERY,
          timeoutMs: 0,
          respond: () => undefined,
        });
      }
    },
    reset: () => {
      for (const run of runs.filter(({ state }) => state === 'running')) {
        run.abort.abort();
        run.state = 'ended';
        run.final = { ok: true, payload: { runId: run.runId, status: 'timeout', stopReason: 'restart' } };
        run.respond(run.final);
      }
      last = null;
      transcript.reset();
    },
    age: (ms) => {
      createdAt -= ms;
    },
  };
}
