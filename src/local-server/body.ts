import express, { type Request, type RequestHandler } from 'express';
import { parseStrictJson } from '../core/strict-json.ts';
import { AgentPeerError, fromProblem } from '../errors.ts';

const JSON_TYPE = 'application/json';

/** Only JSON, which no web page can send across origins without asking first; never compressed. */
export function rawBody(limitBytes: number): RequestHandler {
  return express.raw({ type: JSON_TYPE, limit: limitBytes, inflate: false });
}

export function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AgentPeerError('input-invalid', 'the request body is not UTF-8', 'Encode it as UTF-8', {
      cause,
    });
  }
}

/** The body as JSON. Read strictly: a lenient reader would send other words to the peer than were written. */
export function jsonBody(request: Request): unknown {
  const body: unknown = request.body;
  if (!Buffer.isBuffer(body)) {
    throw new AgentPeerError(
      'local-type-unknown',
      'the request has no JSON body',
      `Send one with Content-Type: ${JSON_TYPE}`,
    );
  }
  const json = parseStrictJson(decode(body));
  if (json.ok) return json.value;
  throw fromProblem('input-invalid', json.problem);
}
