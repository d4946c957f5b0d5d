import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { AgentApi } from '../ports/agent-api.ts';
import type { Random } from '../ports/machine.ts';

/** What every call of a tool is given. */
export interface Calling {
  readonly api: AgentApi;
  readonly random: Pick<Random, 'word'>;
  /** Aborts when the caller goes away: nothing waits for nobody. */
  readonly signal: AbortSignal;
}

/** One tool as data: the list that a model sees, the checks and the handler are all made from this. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** Its first sentence says by itself what the tool is for: some clients show a model no more of it. */
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** Hints, by which some clients decide whether to ask a person first. */
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  readonly call: (args: unknown, calling: Calling) => Promise<CallToolResult>;
}

/** A tool whose handler gets what its schema promises. */
export function tool<I extends z.ZodObject>(
  definition: Omit<Tool, 'input' | 'call'> & {
    readonly input: I;
    readonly call: (args: z.infer<I>, calling: Calling) => Promise<CallToolResult>;
  },
): Tool {
  const { call } = definition;
  return { ...definition, call: (args, calling) => call(args as z.infer<I>, calling) };
}

type JsonSchema = { type: 'object' } & Record<string, unknown>;

/** For clients: the draft that they all know. */
export function jsonSchemaOf(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  return { ...z.toJSONSchema(schema, { target: 'draft-7', io }), type: 'object' };
}
