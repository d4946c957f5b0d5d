import { pipeline } from 'node:stream/promises';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { z } from 'zod';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { hasBody, jsonBody, rawBody } from './body.ts';
import { door, refuseMethod, roleFor, tokenCheck, whoAsks, type Authenticate } from './door.ts';
import type { HealthAnswer } from './health.ts';
import type { HostNames } from './guard.ts';
import { problemBody, toAgentPeerError } from './problem.ts';
import type { Role } from './roles.ts';
import { readBy, type Answer, type Method, type Route } from './route.ts';

/** What speaks a protocol of its own, and so is no route of the API: it gets every request below its path, judged by role. */
export interface Mount {
  /** Such as `/mcp`, without a slash at its end. */
  readonly path: string;
  readonly handle: (
    request: Request,
    response: Response,
    caller: { readonly role: Role; readonly signal: AbortSignal },
  ) => Promise<void>;
}

export interface AppParts {
  readonly routes: readonly Route[];
  readonly mounts: readonly Mount[];
  readonly authenticate: Authenticate;
  readonly hosts: HostNames;
  readonly health: () => Promise<HealthAnswer>;
  readonly bodyBytes: number;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  readonly log: Log;
}

const NO_QUERY = z.strictObject({});

/** Aborts when the caller hangs up or the server closes. */
function goneSignal(response: Response, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

function bodyOf(route: Route, request: Request): unknown {
  if (route.body !== null) {
    const mayLack = route.body.safeParse(undefined).success;
    return readBy(route.body, mayLack && !hasBody(request) ? undefined : jsonBody(request), 'body');
  }
  if (hasBody(request)) throw new AgentPeerError('input-invalid', 'this route takes no body', 'Send none');
  return null;
}

async function send(response: Response, answer: Answer, signal: AbortSignal): Promise<void> {
  if ('body' in answer) {
    response.status(answer.status).json(answer.body);
    return;
  }
  response.status(200).type('application/octet-stream').set('content-length', String(answer.size));
  // A caller that is cut off sees it by the length; there is nobody else to tell.
  await pipeline(answer.bytes, response, { signal }).catch(() => response.destroy());
}

function serve(route: Route, { authenticate, closing }: AppParts): RequestHandler {
  return async (request, response) => {
    const role = roleFor(route, request, authenticate);
    const query = readBy(route.query ?? NO_QUERY, request.query, 'query');
    const body = bodyOf(route, request);
    const param = (name: string) => String(request.params[name]);
    const signal = goneSignal(response, closing);
    await send(response, await route.handle({ role, body, query, param, signal }), signal);
  };
}

function mountProtocols(app: Express, { mounts, authenticate, closing }: AppParts): void {
  for (const { path, handle } of mounts) {
    app.use(path, async (request, response) => {
      const role = whoAsks(request, authenticate);
      await handle(request, response, { role, signal: goneSignal(response, closing) });
    });
  }
}

function mountRoutes(app: Express, parts: AppParts): void {
  const raw = rawBody(parts.bodyBytes);
  for (const path of new Set(parts.routes.map((route) => route.path))) {
    const here = app.route(path);
    const own = parts.routes.filter((one) => one.path === path);
    for (const route of own) {
      const method = route.method.toLowerCase() as Lowercase<Method>;
      here[method](raw, serve(route, parts));
    }
    const served = own.map(({ method }) => method);
    here.all((request, response) => refuseMethod(request, response, served));
  }
}

function sendProblem(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const error = toAgentPeerError(thrown);
    const problem = problemBody(error);
    const fields = { code: error.code, method: request.method, path: request.path };
    if (problem.status === 500)
      log.error('local-request-failed', { ...fields, detail: messageOf(error.cause ?? error) });
    if (problem.status === 401 || problem.status === 403)
      log.warn('local-request-refused', { ...fields, detail: error.message });
    if (problem.status === 401) response.set('www-authenticate', 'Bearer');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

/** The loopback API as an Express app: the door, the token, then the routes, then one place for errors. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing').set('query parser', 'simple');
  app.use(door(parts.closing, parts.hosts));
  app.get('/health', async (_request, response) => {
    const { status, body } = await parts.health();
    response.status(status).json(body);
  });
  app.use(tokenCheck(parts.authenticate));
  mountRoutes(app, parts);
  mountProtocols(app, parts);
  app.use((request) => {
    throw new AgentPeerError(
      'local-route-unknown',
      `there is nothing at ${request.path}`,
      'See docs/cli.md for the API',
    );
  });
  app.use(sendProblem(parts.log));
  return app;
}
