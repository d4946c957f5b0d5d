/** JSON-RPC calls of local clients to the A2A server of a peer on the loopback listener. */
import { AGENT, ask, type Answered, type Asking } from './local-stack.ts';

export interface CalledTask {
  readonly id: string;
  readonly contextId: string;
  readonly status: {
    readonly state: string;
    readonly message?: { readonly parts: readonly { readonly text: string }[]; readonly metadata?: unknown };
  };
  readonly metadata?: unknown;
  readonly artifacts?: readonly { readonly parts: readonly { readonly text: string }[] }[];
}

export interface CallAnswer extends Answered {
  /** Null for an error. */
  readonly task: CalledTask | null;
  /** What a refusal says: code, our own word, and the message. */
  readonly refused: readonly [code: number, word: string, message: string] | null;
}

interface RpcAnswer {
  readonly result?: CalledTask & { readonly task?: CalledTask };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: readonly { readonly domain: string; readonly reason: string }[];
  };
}

function read(answer: Answered): CallAnswer {
  const { result, error } = answer.json as RpcAnswer;
  const word = error?.data.find(({ domain }) => domain === 'agent-peer')?.reason ?? '';
  return {
    ...answer,
    task: result?.task ?? result ?? null,
    refused: error === undefined ? null : [error.code, word, error.message],
  };
}

export interface Calling extends Omit<Asking, 'at' | 'body' | 'method'> {
  /** Below `/peers`. */
  readonly at?: string;
  readonly id?: string;
}

/** As the agent unless told otherwise. */
export async function call(
  port: number,
  method: string,
  params: unknown,
  { at = '/bob/a2a/v1', id = 'request-1', token = AGENT, ...asking }: Calling = {},
): Promise<CallAnswer> {
  const body = { jsonrpc: '2.0', id, method, params };
  return read(await ask(port, `/peers${at}`, { ...asking, method: 'POST', token, body }));
}

/** A message as the channel of a stock OpenClaw sends it: it never asks what came of it. */
export function stockParams(messageId: string, text = 'hello bob', over: object = {}): object {
  return {
    message: { messageId, contextId: 'ctx-oc-bob', role: 'ROLE_USER', parts: [{ text }], ...over },
    configuration: { returnImmediately: true },
  };
}
