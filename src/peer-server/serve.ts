import type { IncomingMessage, ServerResponse } from 'node:http';
import { identify } from './authenticate.ts';
import type { Deps } from './deps.ts';
import { newExchange, record, type Exchange } from './exchange.ts';
import { checkHead } from '../a2a/head.ts';
import { type RefusalShape } from '../a2a/refusal.ts';
import { tellRefusal, writeRefusal } from './refuse.ts';
import { cutUnlessTaken, writeJson } from './respond.ts';
import type { Target } from './target.ts';

export interface Served {
  readonly status: number;
  readonly body: unknown;
}

/** One of the surfaces of the peer listener: what it answers, and what a refusal looks like there. */
export interface SurfaceHandler<T extends Target> {
  /** Called for a caller that was identified and not yet judged. Throws Refusal. */
  answer(
    deps: Deps,
    exchange: Exchange,
    request: { readonly req: IncomingMessage; readonly target: T; readonly signal: AbortSignal },
  ): Promise<Served>;
  readonly refusal: (exchange: Exchange) => RefusalShape;
}

/** Ends a request with what went wrong: recorded once, counted once, answered once. */
export async function endRefused(
  deps: Deps,
  exchange: Exchange,
  error: unknown,
  {
    req,
    res,
    address,
    shape,
  }: {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    /** As it was when the request came: a caller that went away in the meantime has none any more. */
    readonly address: string;
    readonly shape: RefusalShape;
  },
): Promise<void> {
  const refusal = tellRefusal(deps.log, error);
  record(deps, exchange, false, refusal.reason);
  await deps.rates.countRefusal(address, refusal.reason);
  await writeRefusal(req, res, refusal, shape);
}

/** Limits what any node may read without a token. */
async function limitReads({ rates }: Deps, { caller }: Exchange, { method }: Target): Promise<void> {
  if (method === 'GET' && caller.nodeId !== null) await rates.takePoll(`node ${caller.nodeId}`);
}

/**
 * One request from head to answer: the address, head, caller, then the surface, which asks the judge. Every refusal
 * on the way ends here, recorded once and answered once.
 */
export async function serve<T extends Target>(
  handler: SurfaceHandler<T>,
  deps: Deps,
  {
    req,
    res,
    target,
    signal,
  }: {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly target: T;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const exchange = newExchange(target.surface);
  const address = req.socket.remoteAddress ?? '';
  try {
    await deps.rates.checkAttempts(address);
    checkHead(req, target.method, deps.limits.headerBytes);
    exchange.caller = await identify(req, deps);
    if (exchange.caller.nodeId !== null) deps.cuts.note(exchange.caller.nodeId, req.socket);
    await limitReads(deps, exchange, target);
    const { status, body } = await handler.answer(deps, exchange, { req, target, signal });
    writeJson(res, status, body);
  } catch (error) {
    const shape = handler.refusal(exchange);
    await endRefused(deps, exchange, error, { req, res, address, shape });
  } finally {
    cutUnlessTaken(res, deps.limits.answerMs);
  }
}
