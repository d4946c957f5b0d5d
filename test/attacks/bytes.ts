import type { Aim, Bytes } from './attack.ts';

/** Fixed, or made for the aim. */
export type Of<T> = T | ((aim: Aim) => T);

export function given<T>(value: Of<T>, aim: Aim): T {
  return typeof value === 'function' ? (value as (aim: Aim) => T)(aim) : value;
}

/** One request, plain but for what is named. Lines are Latin-1 without their end, so that any byte can stand in them. */
export interface Draft {
  readonly method?: string;
  /** As it stands in the request line. `/a2a/v1/<alias>` when absent. */
  readonly target?: Of<string>;
  readonly version?: string;
  /** Names of usual lines to leave out. */
  readonly without?: readonly string[];
  /** Lines behind the usual ones. */
  readonly lines?: Of<readonly string[]>;
  /** Of a POST. A small message when absent. */
  readonly body?: Of<string | Buffer>;
  /** Put behind the body as it is. */
  readonly behind?: Bytes;
}

const CLOSE = 'connection: close';

/** What every plain request carries. */
function usualLines({ method = 'POST' }: Draft, { token, host }: Aim, bodyBytes: number): readonly string[] {
  return [
    `host: ${host}`,
    ...(token === null ? [] : [`authorization: Bearer ${token}`]),
    ...(method === 'POST' ? ['content-type: application/json', `content-length: ${bodyBytes}`] : []),
    CLOSE,
  ];
}

function isLeftOut(line: string, { without = [] }: Draft): boolean {
  return without.some((name) => line.startsWith(`${name}:`));
}

export function request(draft: Draft): Bytes {
  return (aim) => {
    const { method = 'POST', target = `/a2a/v1/${aim.alias}`, version = 'HTTP/1.1' } = draft;
    const body = Buffer.from(method === 'POST' ? given(draft.body ?? message('a-1'), aim) : '');
    const usual = usualLines(draft, aim, body.length).filter((line) => !isLeftOut(line, draft));
    const lines = [`${method} ${given(target, aim)} ${version}`, ...usual, ...given(draft.lines ?? [], aim)];
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    return Buffer.concat([head, body, draft.behind?.(aim) ?? Buffer.alloc(0)]);
  };
}

/** One JSON-RPC call, as text, so that an attack can change any character of it. */
export function call(method: string, params: unknown, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** What an attack says that is not about its words. */
export const plainText = (id: string) => `hello from ${id}`;

/** A SendMessage whose message id is the attack's own, not waiting for the reply. */
export function message(id: string, changed: object = {}, configuration: object = {}): string {
  const whole = { messageId: id, role: 'ROLE_USER', parts: [{ text: plainText(id) }], ...changed };
  return call('SendMessage', {
    message: whole,
    configuration: { returnImmediately: true, ...configuration },
  });
}

/** @throws when there is nothing to change: the attack would be a plain request. */
export function swap(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
  return text.replace(from, () => to);
}

/** In chunked coding, as one chunk and the end. */
export function chunked(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}
