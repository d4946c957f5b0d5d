/**
 * A language model that computes its answer from what it was asked, so that a reply proves what arrived. It speaks
 * the OpenAI chat-completions shape that OpenClaw calls, and keeps a record of every request. Runs alone in a
 * container (`node scripted-model.ts`), so it imports nothing but Node.
 *
 * POST /<stack>/v1/chat/completions   one turn of that stack's gateway
 * GET  /records                       everything it was asked, oldest first
 * GET  /calls                         the same, without what stood before each question
 *
 * Words in the message that change the answer: `NO_REPLY please`, `wait <n> seconds`, `fail please`,
 * `answer with <n> characters`, `use the tool <name> with <JSON>` (then the tool's result is the answer, unless it is to be
 * silent).
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

interface ChatMessage {
  readonly role: string;
  readonly content: unknown;
}

interface ChatRequest {
  readonly stream?: boolean;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/** One question to the model. */
export interface ModelCall {
  readonly stack: string;
  readonly at: number;
  /** The user message that was answered, whole, as the gateway handed it over. */
  readonly asked: string;
  readonly answer: string;
}

export interface ModelRecord extends ModelCall {
  /** All messages of the request as plain text. */
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** Names of the tools that it was offered. */
  readonly tools: readonly string[];
}

const INTERNAL = '<<<BEGIN_OPENCLAW_INTERNAL';
const INSISTENCE = 'The previous attempt did not produce a user-visible answer.';
/** Up to the end, or to what stands beside the message: its fields, its context. */
const QUOTED =
  /<<<peer-message ([a-z0-9]+)>>>\n([\s\S]*?)\n<<<(?:end-peer-message|fields|context [\w ()]+) \1>>>/g;

function plainText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('');
}

/**
 * The gateway adds context of its own as a last user message, and tells a model that was silent to speak; the turn is the
 * one before these.
 */
function askedIn(messages: ModelRecord['messages']): string {
  const isGateways = (text: string) => text.trimStart().startsWith(INTERNAL) || text.includes(INSISTENCE);
  return messages.findLast(({ role, text }) => role === 'user' && !isGateways(text))?.text ?? '';
}

/**
 * What the peer wrote, when the message is framed as a peer's; else the whole message. The gateway puts a message that a
 * crash left without an answer before the next one, as one: the last is the one to answer.
 */
export function wordsIn(asked: string): string {
  return [...asked.matchAll(QUOTED)].at(-1)?.[2] ?? asked;
}

const isSilenced = (words: string) => words.includes('NO_REPLY please');
const toldBy = (stack: string, result: string) => `${stack} was told by the tool: ${result}`;

export function answerTo(stack: string, asked: string): string {
  const words = wordsIn(asked);
  if (isSilenced(words)) return 'NO_REPLY';
  const length = /answer with (\d+) characters/.exec(words)?.[1];
  if (length !== undefined) return `${stack}:`.padEnd(Number(length), 'x');
  const digest = createHash('sha256').update(words).digest('hex').slice(0, 12);
  const accepts = asked.includes('Begin your answer with ACCEPTED') ? 'ACCEPTED. ' : '';
  return `${accepts}${stack} read ${words.length} characters (sha256 ${digest}), reversed: ${Array.from(words.slice(0, 200)).reverse().join('')}`;
}

interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

/** What a tool said to the turn that is answered; null when none was asked yet. */
function toolResultIn(messages: ModelRecord['messages'], asked: string): string | null {
  const since = messages.findLastIndex(({ text }) => text === asked);
  return messages.slice(since).findLast(({ role }) => role === 'tool')?.text ?? null;
}

function toolCallIn(words: string): ToolCall | null {
  const [, name, args] = /use the tool (\w+) with (\{.*\})/.exec(words) ?? [];
  return name === undefined || args === undefined ? null : { name, arguments: args };
}

function chunk(delta: object, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  const frame = { id: 'scripted', object: 'chat.completion.chunk', created: 0, model: 'scripted', choices };
  return `data: ${JSON.stringify(frame)}\n\n`;
}

function stream(response: ServerResponse, answer: string, call: ToolCall | null): void {
  const calls =
    call === null ? null : [{ index: 0, id: `call_${Date.now()}`, type: 'function', function: call }];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(
    chunk({ role: 'assistant', ...(calls === null ? { content: answer } : { tool_calls: calls }) }, null),
  );
  response.write(chunk({}, calls === null ? 'stop' : 'tool_calls'));
  response.end('data: [DONE]\n\n');
}

function complete(response: ServerResponse, answer: string): void {
  const choices = [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  json(response, 200, {
    id: 'scripted',
    object: 'chat.completion',
    created: 0,
    model: 'scripted',
    choices,
    usage,
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

async function turn(
  stack: string,
  request: IncomingMessage,
  response: ServerResponse,
  records: ModelRecord[],
) {
  const body = JSON.parse(await bodyOf(request)) as ChatRequest;
  const messages = body.messages.map(({ role, content }) => ({ role, text: plainText(content) }));
  const asked = askedIn(messages);
  const words = wordsIn(asked);
  const result = toolResultIn(messages, asked);
  const call = result === null ? toolCallIn(words) : null;
  const answer = result === null || isSilenced(words) ? answerTo(stack, asked) : toldBy(stack, result);
  const tools = (body.tools ?? []).map((tool) => tool.function.name);
  records.push({ stack, at: Date.now(), messages, asked, answer, tools });
  const seconds = /wait (\d+) seconds/.exec(words)?.[1];
  if (seconds !== undefined) await sleep(Number(seconds) * 1000);
  if (words.includes('fail please')) json(response, 400, { error: { message: 'scripted failure' } });
  else if (body.stream === true) stream(response, answer, call);
  else complete(response, answer);
}

function serve(request: IncomingMessage, response: ServerResponse, records: ModelRecord[]): void {
  const [, stack = '', path] = /^\/([a-z]+)\/v1\/(chat\/completions|models)$/.exec(request.url ?? '') ?? [];
  if (request.url === '/records') json(response, 200, records);
  else if (request.url === '/calls')
    json(
      response,
      200,
      records.map(({ stack: of, at, asked, answer }): ModelCall => ({ stack: of, at, asked, answer })),
    );
  else if (path === 'models')
    json(response, 200, { object: 'list', data: [{ id: 'scripted', object: 'model' }] });
  else if (path === undefined || request.method !== 'POST')
    json(response, 404, { error: { message: 'no such path' } });
  else {
    turn(stack, request, response, records).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      response.destroy();
    });
  }
}

export function createScriptedModel(records: ModelRecord[] = []) {
  return createServer((request, response) => serve(request, response, records));
}

if (process.argv[1]?.endsWith('scripted-model.ts')) {
  createScriptedModel().listen(Number(process.env['PORT'] ?? 8080), '0.0.0.0', () =>
    console.log('scripted model is up'),
  );
}
