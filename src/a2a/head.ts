import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** Headers of which two would let two readers each believe another one. */
const SINGLE = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'a2a-version',
];
const JSON_TYPE = /^application\/(?:a2a\+)?json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?$/i;
const LENGTH = /^(?:0|[1-9][0-9]{0,15})$/;

/** Every value of every header, by lower-case name, from what was really sent: Node drops or joins some repeats. */
function sentHeaders(req: IncomingMessage): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const name = (req.rawHeaders[i] ?? '').toLowerCase();
    const value = req.rawHeaders[i + 1] ?? '';
    const values = all.get(name);
    if (values === undefined) all.set(name, [value]);
    else values.push(value);
  }
  return all;
}

function refuseIf(
  wrong: boolean,
  reason: 'header-invalid' | 'upgrade-refused' | 'content-type-unsupported',
  detail: string,
) {
  if (wrong) throw new Refusal(reason, detail);
}

function checkFraming(headers: ReadonlyMap<string, readonly string[]>, method: 'GET' | 'POST'): void {
  const [length] = headers.get('content-length') ?? [];
  const [coding] = headers.get('transfer-encoding') ?? [];
  refuseIf(
    length !== undefined && coding !== undefined,
    'header-invalid',
    'Content-Length and Transfer-Encoding',
  );
  refuseIf(length !== undefined && !LENGTH.test(length), 'header-invalid', 'malformed Content-Length');
  refuseIf(
    coding !== undefined && coding.toLowerCase() !== 'chunked',
    'header-invalid',
    'Transfer-Encoding is not chunked',
  );
  if (method === 'POST')
    refuseIf(length === undefined && coding === undefined, 'header-invalid', 'no Content-Length');
  else refuseIf(coding !== undefined || (length ?? '0') !== '0', 'header-invalid', 'a GET with a body');
}

function checkContent(headers: ReadonlyMap<string, readonly string[]>): void {
  const [type] = headers.get('content-type') ?? [];
  refuseIf(!JSON_TYPE.test(type ?? ''), 'content-type-unsupported', 'Content-Type');
  refuseIf(headers.has('content-encoding'), 'content-type-unsupported', 'Content-Encoding');
}

/** Node counts names and values alone: ten thousand empty headers are nothing to it. */
function headerBytes({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);
}

/**
 * Throws Refusal when the request head is not plain: this server needs nothing of what it refuses, and each of it has
 * been used to make two servers see two requests in one, or to come from a web page.
 */
export function checkHead(req: IncomingMessage, method: 'GET' | 'POST', limitBytes: number): void {
  if (headerBytes(req) > limitBytes) throw new Refusal('headers-too-large', `at most ${limitBytes} bytes`);
  const headers = sentHeaders(req);
  refuseIf(req.httpVersion !== '1.1', 'header-invalid', 'not HTTP/1.1');
  refuseIf(!headers.has('host'), 'header-invalid', 'no Host');
  for (const name of SINGLE)
    refuseIf((headers.get(name)?.length ?? 0) > 1, 'header-invalid', `more than one ${name}`);
  for (const name of ['origin', 'expect', 'trailer']) refuseIf(headers.has(name), 'header-invalid', name);
  for (const name of ['upgrade', 'http2-settings']) refuseIf(headers.has(name), 'upgrade-refused', name);
  checkFraming(headers, method);
  if (method === 'POST') checkContent(headers);
}
