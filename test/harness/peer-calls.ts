/** What a peer's client does at the door, and what it reads in the answer. */
import type { Caller } from './door-proxy.ts';
import { ask, type Answer } from './ask.ts';
import type { Sent } from './peer-listener.ts';

export interface TaskSeen {
  readonly id: string;
  readonly contextId: string;
  readonly status: { readonly state: string };
  readonly artifacts?: readonly { readonly parts: readonly { readonly text: string }[] }[];
}

export interface Calls {
  ask(sent: Sent): Promise<Answer>;
  rpc(method: string, params: object, path?: string): Promise<Answer>;
  /** A message with this id; waits for its reply unless told otherwise. */
  send(
    id: string,
    more?: { readonly path?: string; readonly now?: boolean; readonly message?: object },
  ): Promise<Answer>;
  get(id: string): Promise<Answer>;
  cancel(id: string): Promise<Answer>;
  tool(args: object): Promise<Answer>;
}

export function callsOf(port: () => number, caller: Caller): Calls {
  const request = (sent: Sent) => ask(port(), { ...caller, ...sent });
  const rpc = (method: string, params: object, path = '/a2a/v1') =>
    request({ path, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  return {
    ask: request,
    rpc,
    send: (messageId, { path, now = false, message: more = {} } = {}) => {
      const message = { messageId, role: 'ROLE_USER', parts: [{ text: `text of ${messageId}` }], ...more };
      return rpc('SendMessage', { message, configuration: { returnImmediately: now } }, path);
    },
    get: (id) => rpc('GetTask', { id }),
    cancel: (id) => rpc('CancelTask', { id }),
    tool: (args) => request({ path: '/tools/invoke', body: JSON.stringify({ tool: 'sessions_send', args }) }),
  };
}

/** @throws when the answer is a refusal. */
export function taskIn({ body }: Answer): TaskSeen {
  const { result } = JSON.parse(body) as { result?: { task?: TaskSeen } & TaskSeen };
  if (result === undefined) throw new Error(`no task in ${body}`);
  return result.task ?? result;
}

export function stateIn(answer: Answer): string {
  return taskIn(answer).status.state.replace('TASK_STATE_', '');
}

export function replyIn(answer: Answer): string | undefined {
  return taskIn(answer).artifacts?.[0]?.parts[0]?.text;
}

/** HTTP status, JSON-RPC code and the word of a refusal. */
export function refusalIn({
  status,
  body,
}: Answer): readonly [number, number | undefined, string | undefined] {
  const { error } = JSON.parse(body) as {
    error?: { code?: number; type?: string; data?: { reason: string; domain: string }[] };
  };
  const told = error?.data?.find(({ domain }) => domain === 'agent-peer')?.reason ?? error?.type;
  return [status, error?.code, told];
}
