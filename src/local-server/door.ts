import type { Request, RequestHandler, Response } from 'express';
import { AgentPeerError } from '../errors.ts';
import { refuseWebPages, type HostNames } from './guard.ts';
import type { Role } from './roles.ts';
import type { Method, Route } from './route.ts';

export type Authenticate = (header: string | undefined) => Role | null;

const METHODS: readonly string[] = ['GET', 'POST', 'PUT'] satisfies Method[];
const TOKEN_FIX = 'Use the token in the owner-token or agent-token file of the data directory';

/** Says which are served, as HTTP wants it. Throws AgentPeerError `local-method-unknown`. */
export function refuseMethod(
  { method, path }: Request,
  response: Response,
  served: readonly string[],
): never {
  response.set('allow', served.join(', '));
  throw new AgentPeerError(
    'local-method-unknown',
    `${method} does not work on ${path}`,
    'See docs/cli.md for the API',
  );
}

/** Everything that is refused before a token is looked at. */
export function door(closing: AbortSignal, hosts: HostNames): RequestHandler {
  return (request, response, next) => {
    response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (closing.aborted) response.set('connection', 'close');
    const refusal = refuseWebPages(request, hosts);
    if (refusal !== null) throw refusal;
    // Of the whole listener: what there is at this path is nothing for a stranger.
    if (!METHODS.includes(request.method)) refuseMethod(request, response, METHODS);
    next();
  };
}

/** Throws AgentPeerError `local-token-refused`. */
export function whoAsks(request: Request, authenticate: Authenticate): Role {
  const role = authenticate(request.headers.authorization);
  if (role !== null) return role;
  throw new AgentPeerError(
    'local-token-refused',
    'the bearer token is missing or not one of this stack',
    TOKEN_FIX,
  );
}

/** Stands before the routes, so that a stranger cannot tell which exist. */
export function tokenCheck(authenticate: Authenticate): RequestHandler {
  return (request, _response, next) => {
    whoAsks(request, authenticate);
    next();
  };
}

/** Throws AgentPeerError `local-token-refused`, `local-role-refused`. */
export function roleFor(route: Route, request: Request, authenticate: Authenticate): Role {
  const role = whoAsks(request, authenticate);
  if (route.roles.includes(role)) return role;
  throw new AgentPeerError(
    'local-role-refused',
    `${route.method} ${route.path} is for the owner`,
    'Ask the owner to do it',
  );
}
