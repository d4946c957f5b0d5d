import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Deps } from './deps.ts';
import { serveHealth } from './health-route.ts';
import { serveMessages } from './messages-route.ts';
import { MESSAGES_PATH } from '../core/peer-wire.ts';
import { Refusal, tellRefusal, writeRefusal } from './refuse.ts';
import { readTarget, type Target } from './target.ts';

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

/** The routes of the peer listener: these and no other. */
export function createApp(deps: Deps, { closing, signalFor }: AppState): Express {
  const app = plainExpress();
  app.use((req, res, next) => {
    requireTarget(req, res);
    if (closing()) throw new Refusal('stack-not-ready');
    next();
  });
  app.get('/health', (req, res) => serveHealth(deps, req, res));
  app.post([MESSAGES_PATH, `${MESSAGES_PATH}/:alias`], (req, res) => {
    const target = requireTarget(req, res);
    const alias = target.kind === 'messages' ? target.alias : null;
    return serveMessages(deps, req, res, { alias, signal: signalFor(res) });
  });
  app.use(() => {
    throw new Refusal('path-unknown');
  });
  app.use(async (error: unknown, req: Request, res: Response, next: NextFunction) => {
    const refusal = tellRefusal(deps.log, error);
    await writeRefusal(req, res, refusal, null).catch(next);
  });
  return app;
}
