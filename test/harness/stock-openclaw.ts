/**
 * An OpenClaw without agent-peer, as far as a peer sees it: its bundled A2A channel, which answers and sends as that of
 * 2026.9.6 does (its docs/channels/a2a.md, what its code does beyond that, and what test/e2e/parts/stock-peer.ts sees of a
 * real one). Its agent is a function.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { sendAsStock, type StockSender } from './stock-send.ts';
import { createStockTasks, type StockTask } from './stock-tasks.ts';

/** What its agent was shown of a peer's message. */
export interface StockTurn {
  readonly text: string;
  readonly contextId: string;
  readonly messageId: string;
}

/** `NO_REPLY`. */
export const SILENCE = Symbol('silence');
/** `NO_REPLY` of an agent that has written by its message tool. */
export const WRITTEN_BY_TOOL = Symbol('written by its tool');
export type Said = string | typeof SILENCE | typeof WRITTEN_BY_TOOL;

/** What the gateway says when a turn that was interrupted goes on. */
export const GOING_ON =
  "I'm continuing your interrupted request now (the gateway has just restarted).  Don't be concerned with the lack of typing; I am working behind the scenes and I'll send a message when I'm done!";
/** A turn in a direct conversation owes an answer: an agent that says nothing is asked once more, and then this is said. */
export const FOR_A_SILENT_AGENT = "⚠️ Agent couldn't generate a response. Please try again.";

export interface StockOptions extends StockSender {
  /** What the peer presents. */
  readonly token: string;
  readonly rateLimitPerMinute?: number;
  /** What its agent says to a message. */
  readonly agent: (turn: StockTurn) => Said | Promise<Said>;
}

export interface StockOpenClaw {
  readonly port: number;
  readonly turns: readonly StockTurn[];
  /** Of all requests to its channel, in order. */
  readonly methods: readonly string[];
  /** What its agent does with `message` to `a2a:<peer>`. Answers the peer's task id, or throws as the tool fails. */
  send(text: string): Promise<string>;
  /** Nothing listens. */
  stop(): Promise<void>;
  /** Listens again, and has no task of before; a turn that ran goes on, and what it says is sent as messages. */
  start(): Promise<void>;
}

interface Rpc {
  readonly id?: string | number | null;
  readonly method: string;
  readonly params?: {
    readonly id?: string;
    readonly message?: {
      readonly messageId?: string;
      readonly contextId?: string;
      readonly parts: readonly { readonly text?: string; readonly data?: unknown }[];
    };
    readonly configuration?: { readonly returnImmediately?: boolean };
  };
}

const UNSUPPORTED = new Set(['CancelTask', 'tasks/cancel', 'ListTasks', 'SendStreamingMessage']);

function textOf(parts: readonly { readonly text?: string; readonly data?: unknown }[]): string {
  return parts.map(({ text, data }) => text ?? JSON.stringify(data)).join('\n');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Null when nothing is delivered, so that nothing completes the task. */
async function answerOf(agent: StockOptions['agent'], turn: StockTurn): Promise<string | null> {
  const said = await agent(turn);
  if (said === WRITTEN_BY_TOOL) return null;
  return said === SILENCE ? FOR_A_SILENT_AGENT : said;
}

export async function startStockOpenClaw(options: StockOptions): Promise<StockOpenClaw> {
  const { token, agent, rateLimitPerMinute = 30 } = options;
  let tasks = createStockTasks();
  let requestTimes: number[] = [];
  const turns: StockTurn[] = [];
  const running = new Set<StockTurn>();
  const methods: string[] = [];

  const runTurn = async (task: StockTask, turn: StockTurn): Promise<void> => {
    if (turn.text.trimStart().startsWith('/')) {
      tasks.reject(
        task.id,
        'A2A peers cannot execute slash commands. Send a task in plain text; only users can issue commands.',
      );
      return;
    }
    turns.push(turn);
    running.add(turn);
    const mine = tasks;
    const said = await answerOf(agent, turn);
    if (mine !== tasks) return;
    running.delete(turn);
    if (said !== null) mine.completeNext(turn.contextId, said);
  };

  const sendMessage = async ({ message, configuration }: NonNullable<Rpc['params']>) => {
    const text = textOf(message?.parts ?? []);
    if (text.trim() === '') throw new RpcError(-32602, 'Message must contain at least one usable text part');
    const contextId = message?.contextId ?? `ctx-${randomUUID()}`;
    const task = tasks.create(contextId);
    const turn = runTurn(task, { text, contextId, messageId: message?.messageId ?? randomUUID() });
    if (configuration?.returnImmediately !== true) await turn;
    return { task };
  };

  const isRateLimited = (): boolean => {
    const now = Date.now();
    requestTimes = requestTimes.filter((time) => now - time < 60_000);
    if (requestTimes.length >= rateLimitPerMinute) return true;
    requestTimes.push(now);
    return false;
  };

  const perform = async ({ method, params = {} }: Rpc): Promise<object> => {
    if (isRateLimited()) throw new RpcError(-32000, 'Peer is rate limited');
    if (method === 'SendMessage' || method === 'message/send') return await sendMessage(params);
    if (UNSUPPORTED.has(method)) throw new RpcError(-32004, 'Unsupported operation');
    if (method !== 'GetTask' && method !== 'tasks/get')
      throw new RpcError(-32601, `Method not found: ${method}`);
    const task = tasks.find(params.id ?? '');
    if (task === undefined) throw new RpcError(-32001, 'Task not found');
    return task;
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming.method !== 'POST' || incoming.url !== '/a2a/v1') {
      answer(response, 404, { error: 'Not found' });
      return;
    }
    if (incoming.headers.authorization !== `Bearer ${token}`) {
      answer(response, 401, {
        error: 'Unauthorized; configure channels.a2a.peers with a matching Bearer token',
      });
      return;
    }
    const rpc = (await readJson(incoming)) as Rpc;
    methods.push(rpc.method);
    const id = rpc.id ?? null;
    try {
      answer(response, 200, { jsonrpc: '2.0', id, result: await perform(rpc) });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      answer(response, 200, { jsonrpc: '2.0', id, error: { code: error.code, message: error.message } });
    }
  };

  const send = (text: string) => sendAsStock(options, text);
  const server = createServer((incoming, response) => void serve(incoming, response));
  let port = 0;
  const goOn = async (turn: StockTurn): Promise<void> => {
    await send(GOING_ON);
    const said = await answerOf(agent, turn);
    if (said !== null) await send(said);
  };
  const start = async (): Promise<void> => {
    server.listen(port, options.address);
    await once(server, 'listening');
    const bound = server.address();
    if (bound !== null && typeof bound !== 'string') port = bound.port;
    for (const turn of running) void goOn(turn);
    running.clear();
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    tasks = createStockTasks();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await start();
  onTestFinished(stop);
  return {
    get port() {
      return port;
    },
    turns,
    methods,
    send,
    start,
    stop,
  };
}
