import { z } from 'zod';
import { describeApi } from '../openapi.ts';
import { route, type Route } from '../route.ts';

const document = z.looseObject({ openapi: z.string() });

/** Last of all: it tells of those that are before it, and of itself. */
export function openapiRoutes(others: readonly Route[], version: string): readonly Route[] {
  const show: Route = route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    roles: ['owner', 'agent'],
    summary: 'This description of the API.',
    body: null,
    query: null,
    answers: { 200: document },
    handle: () => ({ status: 200, body: describeApi([...others, show], version) }),
  });
  return [show];
}
