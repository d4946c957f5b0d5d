import { request } from 'node:http';
import { PeerToolError } from './errors.js';

/** Beside what the call itself waits for: the proxy may have to ask the gateway first, and gives that ten seconds. */
const ANSWER_MS = 15_000;
/** Fifty messages with replies of 64 KiB, and no more than a gateway should be made to hold. */
const ANSWER_BYTES = 16 * 1024 * 1024;

const NOT_THERE =
  'Tell your human that agent-peer does not answer: is its stack running, and at the configured url?';

/**
 * @typedef {object} Asking
 * @property {string} method
 * @property {string} path
 * @property {object} [body]
 * @property {number} [waitMs]
 */

/** @typedef {Readonly<Record<string, unknown>>} Json */

/** @param {unknown} error */
function isRefusedConnection(error) {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

/**
 * What became of a request without an answer. One that never left was not taken; of any other nobody here can tell.
 * @param {unknown} error
 * @param {string} method
 */
function unanswered(error, method) {
  const away = isRefusedConnection(error);
  const what = away ? 'agent-peer cannot be reached' : 'agent-peer gave no answer';
  if (method === 'GET') return new PeerToolError('api-unreachable', what, NOT_THERE);
  return away
    ? new PeerToolError('api-unreachable', `${what}: nothing was sent`, NOT_THERE)
    : new PeerToolError(
        'api-unanswered',
        `${what}, and the message may have been taken`,
        'Do not send it again. Ask your human to look with: agent-peer messages',
      );
}

/** @param {import('node:http').IncomingMessage} response */
async function readText(response) {
  /** @type {Buffer[]} */
  const pieces = [];
  let bytes = 0;
  for await (const piece of /** @type {AsyncIterable<Buffer>} */ (response)) {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES) throw new Error('the answer is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Node's own client, which follows no redirect and knows no proxy: the token goes to the address that was configured and
 * nowhere else.
 * @param {import('./types.d.ts').Settings} settings
 * @param {Asking} asking
 * @param {AbortSignal} signal
 * @returns {Promise<{ status: number, text: string }>}
 */
function exchange({ url, token }, { method, path, body }, signal) {
  const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(bytes === null ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { method, headers, signal, agent: false }, (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    asked.on('error', reject);
    asked.end(bytes ?? undefined);
  });
}

/** @param {string} text @returns {Json} */
function jsonOf(text) {
  try {
    /** @type {unknown} */
    const json = JSON.parse(text);
    return typeof json === 'object' && json !== null ? /** @type {Json} */ (json) : {};
  } catch {
    return {};
  }
}

/**
 * @param {number} status
 * @param {Json} problem
 */
function problemOf(status, { code, detail, fix }) {
  if (typeof code === 'string') return new PeerToolError(code, String(detail), String(fix));
  const what = `something that is not agent-peer answered with HTTP ${status}`;
  return new PeerToolError('api-unreachable', what, NOT_THERE);
}

/**
 * @param {import('./types.d.ts').Settings} settings
 * @param {AbortSignal | undefined} stopped of the call
 * @returns {import('./types.d.ts').Api}
 */
export function createApi(settings, stopped) {
  /**
   * @template T
   * @param {Asking} asking
   * @returns {Promise<T>}
   */
  const call = async (asking) => {
    const late = AbortSignal.timeout((asking.waitMs ?? 0) + ANSWER_MS);
    // What sends is not cut by who stops the call: nobody would know whether it was taken.
    const canStop = stopped !== undefined && asking.method === 'GET';
    const signal = canStop ? AbortSignal.any([stopped, late]) : late;
    const answer = await exchange(settings, asking, signal).catch((/** @type {unknown} */ error) => {
      throw unanswered(error, asking.method);
    });
    const json = jsonOf(answer.text);
    if (answer.status >= 200 && answer.status < 300) return /** @type {T} */ (json);
    throw problemOf(answer.status, json);
  };
  return {
    get: (path, waitMs = 0) => call({ method: 'GET', path: `/api/v1${path}`, waitMs }),
    post: (path, body) => call({ method: 'POST', path: `/api/v1${path}`, body }),
  };
}
