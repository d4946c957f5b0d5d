import { AGENT_METHODS, createFakeAgents, type FakeAgents } from './fake-gateway-agents.ts';
import {
  createFakeSession,
  type AgentParams,
  type Answer,
  type FakeSession,
  type Model,
} from './fake-gateway-session.ts';

/** A request as it came in, whole. */
export interface FakeFrame {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The methods of a fake gateway over its sessions. */
export interface FakeRpc {
  serve(frame: FakeFrame, respond: (answer: Answer) => void): void;
  session(key: string): FakeSession;
  sessions(): readonly FakeSession[];
  deleteSession(key: string): void;
  /** From now on everything is refused as a stopping gateway refuses it. */
  setDraining(draining: boolean): void;
}

export const METHODS = [
  'agent',
  'agent.wait',
  'chat.history',
  'chat.message.get',
  'chat.abort',
  ...AGENT_METHODS,
];
const AGENT_FIELDS = ['message', 'sessionKey', 'deliver', 'idempotencyKey', 'inputProvenance', 'timeout'];

export function invalid(message: string): Answer {
  return { ok: false, error: { code: 'INVALID_REQUEST', message, retryable: false } };
}

function restarting(method: string): Answer {
  const message = `${method} unavailable during gateway restart`;
  return { ok: false, error: { code: 'UNAVAILABLE', message, retryable: true } };
}

export function createFakeRpc(model: Model, agents: FakeAgents): FakeRpc {
  const sessions = new Map<string, FakeSession>();
  const ofAgents = createFakeAgents(agents, () => [...sessions.values()]);
  let draining = false;

  function session(key: string): FakeSession {
    const known = sessions.get(key) ?? createFakeSession(key, model);
    sessions.set(key, known);
    return known;
  }

  function agent(params: FakeFrame['params'], respond: (answer: Answer) => void): void {
    const odd = Object.keys(params).find((field) => !AGENT_FIELDS.includes(field));
    const key = String(params['sessionKey']);
    if (odd !== undefined) respond(invalid(`invalid agent params: at root: unexpected property '${odd}'`));
    else if (!Object.hasOwn(agents, key.split(':')[1] ?? ''))
      respond(invalid('Agent no longer exists in configuration'));
    else session(key).agent(params as unknown as AgentParams, respond);
  }

  function wait(runId: string): object {
    const answers = [...sessions.values()].map((known) => known.wait(runId) as { readonly status: string });
    return answers.find(({ status }) => status !== 'timeout') ?? { runId, status: 'timeout' };
  }

  function read({ method, params }: FakeFrame): object | null {
    const key = String(params['sessionKey']);
    const runId = String(params['runId']);
    switch (method) {
      case 'agent.wait':
        return wait(runId);
      case 'chat.abort':
        return session(key).abort(runId);
      case 'chat.history':
        return session(key).history(params);
      case 'chat.message.get':
        return session(key).transcript.message(String(params['messageId']));
      default:
        return null;
    }
  }

  return {
    serve: (frame, respond) => {
      if (draining) respond(restarting(frame.method));
      else if (frame.method === 'agent') agent(frame.params, respond);
      else {
        const payload = read(frame);
        const unknown = invalid(`unknown method ${frame.method}`);
        if (payload === null) respond(ofAgents(frame.method, frame.params) ?? unknown);
        else respond({ ok: true, payload });
      }
    },
    session,
    sessions: () => [...sessions.values()],
    deleteSession: (key) => void sessions.delete(key),
    setDraining: (next) => {
      draining = next;
    },
  };
}
