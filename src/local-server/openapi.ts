import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { problem } from './answers/problem.ts';
import { HEALTH } from './health.ts';
import { createSchemas, type JsonSchema, type Schemas } from './openapi-schemas.ts';
import { BYTES, type Answers, type Method, type Route } from './route.ts';

/** What is told of a route. */
export type Described = Omit<Route, 'handle'>;

type Json = Readonly<Record<string, unknown>>;

const JSON_TYPE = 'application/json';
const PART = /:(\w+)/g;

const PARTS: Readonly<Record<string, string>> = {
  id: 'An id that this API has answered with.',
  name: 'A peer, by its name here.',
};

/** The name of an operation: its method and its path, as one word. */
export function operationId({ method, path }: Pick<Described, 'method' | 'path'>): string {
  const words = path.replace('/api/v1', '').split(/[/.:]+/);
  return [method.toLowerCase(), ...words].filter((word) => word !== '').join('-');
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(PART)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PARTS[name] ?? name,
    schema: { type: 'string', minLength: 1 },
  }));
}

function queryParameters(query: z.ZodType | null, schemas: Schemas): readonly Json[] {
  if (query === null) return [];
  const { properties = {}, required = [] } = schemas.sent(query) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function requestBody(body: z.ZodType | null, schemas: Schemas): Json {
  if (body === null) return {};
  const required = !body.safeParse(undefined).success;
  return { requestBody: { required, content: { [JSON_TYPE]: { schema: schemas.sent(body) } } } };
}

function responses(answers: Answers, schemas: Schemas): Json {
  const told = Object.entries(answers).map(([status, answer]) => {
    const content =
      answer === BYTES
        ? { 'application/octet-stream': {} }
        : { [JSON_TYPE]: { schema: schemas.answered(answer) } };
    return [status, { description: STATUS_CODES[status], content }] as const;
  });
  return { ...Object.fromEntries(told), default: { $ref: '#/components/responses/Problem' } };
}

function operation(route: Described, schemas: Schemas): Json {
  const { roles, summary, path, query, body, answers } = route;
  const parameters = [...pathParameters(path), ...queryParameters(query, schemas)];
  const who = roles.length === 0 ? 'Anybody who reaches the listener' : `Roles: ${roles.join(', ')}`;
  return {
    operationId: operationId(route),
    summary,
    description: `${who}.`,
    'x-roles': roles,
    security: roles.map((role) => ({ [role]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(body, schemas),
    responses: responses(answers, schemas),
  };
}

function pathsOf(routes: readonly Described[], schemas: Schemas): Json {
  const paths: Record<string, Partial<Record<Lowercase<Method>, Json>>> = {};
  for (const route of routes) {
    const here = (paths[route.path.replaceAll(PART, '{$1}')] ??= {});
    here[route.method.toLowerCase() as Lowercase<Method>] = operation(route, schemas);
  }
  return paths;
}

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Json;
  readonly components: Json;
  readonly [name: string]: unknown;
}

/** The loopback API in OpenAPI 3.1. Made from the routes that are served, and from nothing else. */
export function describeApi(routes: readonly Described[], version: string): ApiDocument {
  const schemas = createSchemas();
  const paths = pathsOf([...routes, HEALTH], schemas);
  const refused = { 'application/problem+json': { schema: schemas.answered(problem) } };
  return {
    openapi: '3.1.1',
    info: {
      title: 'agent-peer loopback API',
      version,
      description:
        'What the agents and the owner of this machine ask of its stack. Bodies are JSON in UTF-8, of at most 256 KiB; fields that are not described are refused.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:18790', description: "In the stack's network namespace" }],
    paths,
    components: {
      schemas: schemas.named(),
      responses: {
        Problem: { description: 'Refused, or failed; the code says why.', content: refused },
      },
      securitySchemes: {
        owner: bearer('The owner: the token in the file owner-token of the data folder.'),
        agent: bearer(
          'An agent: the token in the file agent-token. Not needed in the namespace itself, unless AGENT_PEER_AGENT_TOKEN_NEEDED says so.',
        ),
      },
    },
  };
}
