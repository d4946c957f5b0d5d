import type { Readable } from 'node:stream';
import { z } from 'zod';
import { AgentPeerError, issueLines } from '../errors.ts';
import type { Role } from './roles.ts';

export type Method = 'GET' | 'POST' | 'PUT';

export interface JsonAnswer {
  readonly status: number;
  readonly body: object;
}

/** For what is no JSON; always with 200. */
export interface BytesAnswer {
  readonly bytes: Readable;
  readonly size: number;
}

export type Answer = JsonAnswer | BytesAnswer;

/** In the place of a schema, for a BytesAnswer. */
export const BYTES = Symbol('bytes');

/** What a success can be, by status; what is refused is a problem, and is in problem.ts. */
export type Answers = Readonly<Record<number, z.ZodType | typeof BYTES>>;

/** With one of these statuses, in a shape that is promised. */
export interface AnswerOf<S extends number, A extends z.ZodType<object>> {
  readonly status: S;
  readonly body: z.output<A>;
}

/** A request that passed the checks at the door, read by the schemas of its route. */
export interface Asked<Body, Query> {
  readonly role: Role;
  readonly body: Body;
  readonly query: Query;
  /** A named part of the path. */
  readonly param: (name: string) => string;
  /** Aborts when the caller goes away or the server closes: nothing waits for nobody. */
  readonly signal: AbortSignal;
}

/** One route as data: the server, the checks and the documentation are all made from this. */
export interface Route {
  readonly method: Method;
  /** In Express syntax. */
  readonly path: string;
  readonly roles: readonly Role[];
  readonly summary: string;
  /** Null: the route takes no body. */
  readonly body: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly answers: Answers;
  readonly handle: (asked: Asked<unknown, unknown>) => Promise<Answer> | Answer;
}

type Read<S> = S extends z.ZodType<infer T> ? T : null;

/** A route whose handler gets what its schemas promise, and answers what they promise. */
export function route<
  B extends z.ZodType | null,
  Q extends z.ZodType | null,
  S extends number,
  A extends z.ZodType<object>,
>(
  definition: Omit<Route, 'body' | 'query' | 'answers' | 'handle'> & {
    readonly body: B;
    readonly query: Q;
    readonly answers: Readonly<Record<S, A>>;
    readonly handle: (asked: Asked<Read<B>, Read<Q>>) => Promise<AnswerOf<S, A>> | AnswerOf<S, A>;
  },
): Route {
  const { handle } = definition;
  return { ...definition, handle: (asked) => handle(asked as Asked<Read<B>, Read<Q>>) };
}

/** The fields of an object, or of all that a body can be one of. */
function fieldsOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodOptional) return fieldsOf(schema.unwrap());
  return schema instanceof z.ZodDiscriminatedUnion ? schema.options.flatMap(fieldsOf) : [];
}

function fieldsLine(schema: z.ZodType, where: string): string {
  const fields = [...new Set(fieldsOf(schema))];
  return fields.length === 0 ? `The ${where} has no fields` : `Fields of the ${where}: ${fields.join(', ')}`;
}

/** Throws AgentPeerError `input-invalid` naming every field that is wrong. */
export function readBy(schema: z.ZodType | null, raw: unknown, where: 'body' | 'query'): unknown {
  if (schema === null) return null;
  const read = schema.safeParse(raw);
  if (read.success) return read.data;
  const what = `${where}: ${issueLines(read.error)}`;
  throw new AgentPeerError('input-invalid', what, fieldsLine(schema, where));
}
