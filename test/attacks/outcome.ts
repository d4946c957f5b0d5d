import type { Answers, Expectation, Shape } from './attack.ts';

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';

/** Lets a web page read the answer, names our software, or leads somewhere else. */
const TELLTALE = /^(?:access-control-.*|server|x-powered-by|set-cookie|location|upgrade|etag|link)$/;

/** Splits everything that came on one connection into answers. Throws Error when it is not a row of whole ones. */
export function readAnswers(raw: Buffer): readonly HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  let rest = raw.toString('latin1');
  while (rest !== '') {
    const end = rest.indexOf(HEAD_END);
    const status = /^HTTP\/1\.1 ([1-5][0-9]{2}) /.exec(rest)?.[1];
    if (status === undefined || end === -1) throw new Error(`no HTTP answer: ${rest.slice(0, 60)}`);
    const lines = rest.slice(0, end).split('\r\n').slice(1);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const length = headers.get('content-length');
    if (length === undefined) throw new Error('an answer without a length');
    const from = end + HEAD_END.length;
    const body = rest.slice(from, from + Number(length));
    answers.push({ status: Number(status), headers, body: Buffer.from(body, 'latin1').toString('utf8') });
    rest = rest.slice(from + body.length);
  }
  return answers;
}

interface Told {
  readonly word: string | undefined;
  readonly shape: Shape;
}

interface AnyBody {
  readonly jsonrpc?: unknown;
  readonly ok?: unknown;
  readonly status?: unknown;
  readonly name?: unknown;
  readonly result?: {
    readonly task?: { readonly id?: unknown };
    readonly details?: { readonly status?: unknown };
  };
  readonly error?: {
    readonly type?: string;
    readonly data?: readonly { readonly reason: string; readonly domain: string }[];
  };
}

/** The word of a refusal, in whichever of the two shapes it is written; null when it is none. */
export function toldIn(body: AnyBody): Told | null {
  const { error } = body;
  if (error === undefined) return null;
  if (body.ok === false) return { word: error.type, shape: 'gateway' };
  return { word: error.data?.find(({ domain }) => domain === 'agent-peer')?.reason, shape: 'rpc' };
}

function parse({ body }: HttpAnswer): AnyBody {
  return JSON.parse(body) as AnyBody;
}

function isAccepted(body: AnyBody, shape: Shape): boolean {
  if (shape === 'gateway') return body.ok === true && typeof body.result === 'object';
  return body.jsonrpc === '2.0' && typeof body.result?.task?.id === 'string';
}

/** Is this one answer what it must be? */
function fits(answer: HttpAnswer, expected: Expectation): boolean {
  switch (expected.kind) {
    case 'refused': {
      if (answer.status !== expected.status) return false;
      if (expected.told === null) return answer.body === '';
      const told = toldIn(parse(answer));
      return told?.word === expected.told && told.shape === expected.shape;
    }
    case 'accepted':
    case 'held':
      return answer.status === 200 && isAccepted(parse(answer), expected.shape);
    case 'health':
      return expected.to === 'everyone'
        ? answer.status === 200 && answer.body === '{"status":"ok"}'
        : answer.status === 200 && parse(answer).status === 'ok';
    case 'news':
      return answer.status === 200 && answer.body === '{"confirmed":true,"ready":true}';
    case 'card':
      return answer.status === 200 && typeof parse(answer).name === 'string';
  }
}

function show(answer: HttpAnswer): string {
  return `${answer.status} ${answer.body.slice(0, 160)}`;
}

function inWords(expected: Expectation): string {
  return expected.kind === 'refused' ? `refused ${expected.status} ${expected.told}` : expected.kind;
}

function telltales(answers: readonly HttpAnswer[]): readonly string[] {
  return answers.flatMap(({ headers }) => [...headers.keys()].filter((name) => TELLTALE.test(name)));
}

/**
 * What is wrong with all that came back on one connection, as one sentence; null when it is exactly what was expected.
 * Pure: for bytes from any socket, in this process or in a container. `secrets` are words that no answer may hold.
 */
export function problemOf(raw: Buffer, expected: Answers, secrets: readonly string[]): string | null {
  const leaked = secrets.find((secret) => raw.includes(secret));
  if (leaked !== undefined) return `the answer holds ${leaked}`;
  try {
    const answers = readAnswers(raw);
    const got = answers.length === 0 ? 'nothing' : answers.map(show).join(' | ');
    const [odd] = telltales(answers);
    if (odd !== undefined) return `the answer has the header ${odd}`;
    const all = answers.length === expected.length && expected.every((one, i) => isAnswer(answers[i], one));
    return all ? null : `expected ${expected.map(inWords).join(', ')}, got ${got}`;
  } catch (error) {
    return `not an answer: ${String(error)}`;
  }
}

function isAnswer(answer: HttpAnswer | undefined, expected: Expectation): boolean {
  return answer !== undefined && fits(answer, expected);
}
