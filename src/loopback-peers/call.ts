import { A2A_ERROR_CODE } from '@a2a-js/sdk/errors';
import type { Request, Response } from 'express';
import { parseBody, readBody } from '../a2a/body.ts';
import { drain } from '../a2a/drain.ts';
import { readEnvelope } from '../a2a/envelope.ts';
import { checkHead } from '../a2a/head.ts';
import { methodOf } from '../a2a/methods.ts';
import { REFUSAL_TABLE, type RefusalRow } from '../a2a/refusal-table.ts';
import { Refusal, rpcErrorBody, rpcRefusal, type RpcId } from '../a2a/refusal.ts';
import { checkVersion } from '../a2a/version.ts';
import type { RefusalReason } from '../core/refusal.ts';
import { AgentPeerError, messageOf, type ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import { METHODS, type Addressed } from './methods.ts';
import type { PeersMountParts } from './parts.ts';

/** More than the listener lets through. */
const HEAD_BYTES = 32 * 1024;
/** Of the range that JSON-RPC leaves to servers, the one code that A2A did not take. */
const REFUSED_HERE = -32000;

/** Errors of ours for which A2A has a code and a name of its own. */
const PROTOCOL: Readonly<Partial<Record<ErrorCode, RefusalReason>>> = {
  'message-invalid': 'params-invalid',
  'message-not-found': 'task-unknown',
  'message-not-cancelled': 'task-not-cancelable',
};

interface Told {
  readonly status: number;
  readonly body: unknown;
}

function protocolOf({ code }: AgentPeerError): Pick<RefusalRow, 'code' | 'protocolReason'> {
  const reason = PROTOCOL[code];
  if (reason !== undefined) return REFUSAL_TABLE[reason];
  return { code: code === 'storage-unavailable' ? A2A_ERROR_CODE.INTERNAL_ERROR : REFUSED_HERE };
}

/** What the owner's own programs are told exactly, with what to do; nothing here is a secret of the stack's. */
function tellHere(id: RpcId | null, error: AgentPeerError): Told {
  const told = { ...protocolOf(error), told: error.code, text: `${error.message}. ${error.fix}` };
  return { status: 200, body: rpcErrorBody(id, told, null) };
}

function tellRefusal(id: RpcId | null, { reason, detail }: Refusal): Told {
  return rpcRefusal(id)(REFUSAL_TABLE[reason], detail);
}

function tell(id: RpcId | null, error: unknown, log: Log): Told {
  if (error instanceof Refusal) return tellRefusal(id, error);
  if (error instanceof AgentPeerError && error.code !== 'internal-error') return tellHere(id, error);
  log.error('local-call-failed', { error: messageOf(error) });
  return tellRefusal(id, new Refusal('internal-error'));
}

async function answer(
  parts: PeersMountParts,
  addressed: Addressed,
  { request, signal, called }: Answering,
): Promise<Told> {
  checkHead(request, 'POST', HEAD_BYTES);
  const call = readEnvelope(parseBody(await readBody(request, parts.limits.bodyBytes)));
  called(call.id);
  checkVersion(request);
  const result = await METHODS[methodOf(call.method)](parts, addressed, call.params, signal);
  return { status: 200, body: { jsonrpc: '2.0', id: call.id, result } };
}
interface Answering {
  readonly request: Request;
  readonly signal: AbortSignal;
  readonly called: (id: RpcId) => void;
}

/** One JSON-RPC call to a peer. What is wrong with it is told as A2A has it, with our own word for it in `data`. */
export async function answerCall(
  parts: PeersMountParts,
  addressed: Addressed,
  { request, response, signal }: Omit<Answering, 'called'> & { readonly response: Response },
): Promise<void> {
  let id: RpcId | null = null;
  const called = (given: RpcId): void => {
    id = given;
  };
  const told = await answer(parts, addressed, { request, signal, called }).catch((error: unknown) =>
    tell(id, error, parts.log),
  );
  // What is left of a body that was refused would be read as the next request.
  if (told.status !== 200) response.set('connection', 'close');
  await drain(request);
  if (!response.destroyed) response.status(told.status).json(told.body);
}
