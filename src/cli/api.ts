import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Config } from '../config/env.ts';
import { localTokenFile } from '../config/local-tokens.ts';
import { readSecretFile } from '../config/secret-file.ts';
import { AgentPeerError, ERROR_EXITS, fromProblem, must, type ErrorCode } from '../errors.ts';
import { exchange, jsonOf, open, unreachable } from './http.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';

/** The loopback API with the token of one role. Every error it answers with comes out as the AgentPeerError it was. */
export interface Api {
  /** For what takes more than one request. */
  readonly progress: Progress;
  get<T>(path: string, waitMs?: number, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body: object, waitMs?: number): Promise<T>;
  put<T>(path: string, body: object): Promise<T>;
  /** An answer in bytes, which may be many. */
  open(path: string): Promise<{ readonly bytes: Readable; readonly size: number }>;
}

const ANSWER_MS = 15_000;
/** A copy of a large database on a slow disk takes its time before its first byte comes. */
const SILENCE_MS = 300_000;
const NO_TOKEN_FIX = 'Run this inside the proxy container, after its first start';

function ownerToken({ ownerToken: given, dataDir }: Config): string {
  if (given !== null) return given.reveal();
  const read = readSecretFile(localTokenFile(dataDir, 'owner'), 'owner token');
  if (read.ok) return read.value;
  throw fromProblem('local-token-refused', { ...read.problem, fix: NO_TOKEN_FIX });
}

/** The agent's token, where there is one: a stack that asks for none has none to give either. */
function agentToken({ agentToken: given, dataDir }: Config): string | null {
  if (given !== null) return given.reveal();
  const path = localTokenFile(dataDir, 'agent');
  return existsSync(path) ? must('local-token-refused', readSecretFile(path, 'agent token')) : null;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in ERROR_EXITS;
}

function problemFrom(
  status: number,
  { code, detail, fix }: Readonly<Record<string, unknown>>,
): AgentPeerError {
  if (isErrorCode(code)) return new AgentPeerError(code, String(detail), String(fix));
  return unreachable(`something that is not agent-peer answered with HTTP ${status}`);
}

type Wait = readonly [waitMs?: number, signal?: AbortSignal];

function createApi({ localPort: port }: Config, token: string | null, progress: Progress): Api {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const call = async <T>(
    method: string,
    path: string,
    content: object | null,
    ...[waitMs = 0, signal]: Wait
  ): Promise<T> => {
    const body = content === null ? null : JSON.stringify(content);
    const about: Record<string, string> =
      body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const asked = {
      port,
      method,
      path: `/api/v1${path}`,
      headers: { ...authorization, ...about },
      body,
      timeoutMs: waitMs + ANSWER_MS,
      ...(signal === undefined ? {} : { signal }),
    };
    // Who can break it off waits for something else, and says for what.
    const ask = () => exchange(asked);
    const answer = await (signal === undefined ? progress.during('waiting for the proxy', ask) : ask());
    const json = jsonOf(answer);
    if (answer.status >= 200 && answer.status < 300) return json as T;
    throw problemFrom(answer.status, json);
  };
  return {
    progress,
    get: (path, waitMs, signal) => call('GET', path, null, waitMs, signal),
    post: (path, body, waitMs) => call('POST', path, body, waitMs),
    put: (path, body) => call('PUT', path, body),
    open: async (path) => {
      const about = {
        port,
        method: 'GET',
        path: `/api/v1${path}`,
        headers: authorization,
      };
      const answer = await open({ ...about, body: null, timeoutMs: SILENCE_MS });
      if ('text' in answer) throw problemFrom(answer.status, jsonOf(answer));
      return { bytes: answer, size: Number(answer.headers['content-length']) };
    },
  };
}

/** Throws AgentPeerError `local-token-refused` when there is no owner token to use. */
export const createOwnersApi = (config: Config, progress: Progress): Api =>
  createApi(config, ownerToken(config), progress);

/** Throws AgentPeerError `local-token-refused` when there is a token that cannot be used. Nobody watches an agent wait. */
export const createAgentsApi = (config: Config): Api => createApi(config, agentToken(config), NO_PROGRESS);
