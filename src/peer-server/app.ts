import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Deps } from './deps.ts';
import { a2aSurface } from './a2a-surface.ts';
import { agentCardSurface } from './agent-card-surface.ts';
import { newExchange } from './exchange.ts';
import { healthSurface } from './health-surface.ts';
import { pairSurface } from './pair-surface.ts';
import { Refusal, rpcRefusal } from '../a2a/refusal.ts';
import { endRefused, serve } from './serve.ts';
import { readTarget, type Target } from './target.ts';
import { toolsInvokeSurface } from './tools-invoke-surface.ts';

export interface AppState {
  /** True once the server is closing. */
  readonly closing: () => boolean;
  /** Aborts when the server closes or this client goes away. */
  readonly signalFor: (res: Response) => AbortSignal;
}

function plainExpress(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.set('query parser', false);
  app.set('trust proxy', false);
  return app;
}

/** Decides on the raw target before Express looks at it. Throws Refusal. */
function requireTarget(req: Request, res: Response): Target {
  const target = readTarget(req.originalUrl);
  if (target === null) throw new Refusal('path-unknown');
  if (req.method === target.method) return target;
  res.setHeader('allow', target.method);
  throw new Refusal('method-not-allowed', `use ${target.method}`);
}

/** Which surface answers which target: these and no other. */
function route(deps: Deps, req: Request, res: Response, signal: AbortSignal): Promise<void> {
  const target = requireTarget(req, res);
  const at = { req, res, signal };
  switch (target.surface) {
    case 'a2a':
      return serve(a2aSurface, deps, { ...at, target });
    case 'tools-invoke':
      return serve(toolsInvokeSurface, deps, { ...at, target });
    case 'agent-card':
      return serve(agentCardSurface, deps, { ...at, target });
    case 'pair':
      return serve(pairSurface, deps, { ...at, target });
    case 'health':
      return serve(healthSurface, deps, { ...at, target });
  }
}

/** The peer listener as an Express app of one handler: what Express would make of a path is never asked. */
export function createApp(deps: Deps, { closing, signalFor }: AppState): Express {
  const app = plainExpress();
  app.use((req, res) => {
    if (closing()) throw new Refusal('stack-not-ready');
    return route(deps, req, res, signalFor(res));
  });
  app.use(async (error: unknown, req: Request, res: Response, next: NextFunction) => {
    const address = req.socket.remoteAddress ?? '';
    const at = { req, res, address, shape: rpcRefusal(null) };
    await endRefused(deps, newExchange('socket'), error, at).catch(next);
  });
  return app;
}
