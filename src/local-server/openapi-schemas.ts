import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schemas of one document, with what has a name of its own kept aside. */
export interface Schemas {
  /** What a caller may send. */
  sent(schema: z.ZodType): JsonSchema;
  /** What is answered. */
  answered(schema: z.ZodType): JsonSchema;
  /** All that were referred to, by name. */
  named(): Readonly<Record<string, JsonSchema>>;
}

const COMPONENTS = '#/components/schemas/';

/** The pattern says what the format says, in four hundred characters; `readOnly` is of types here, and not of the API. */
function dropNoise({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  delete jsonSchema.readOnly;
}

/** What says of a schema that it stands by itself. */
const OWN_ROOT = ['$schema', '$defs', 'id'];

function relinked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relinked);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' && typeof inner === 'string'
      ? [key, inner.replace('#/$defs/', COMPONENTS)]
      : [key, relinked(inner)],
  );
  return Object.fromEntries(entries) as unknown;
}

/** A schema as a part of the document, where references lead into the document. */
function moved(schema: object): JsonSchema {
  const own = Object.entries(schema).filter(([key]) => !OWN_ROOT.includes(key));
  return relinked(Object.fromEntries(own)) as JsonSchema;
}

export function createSchemas(): Schemas {
  const kept = new Map<string, JsonSchema>();
  const convert = (asked: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const whole = z.toJSONSchema(asked, { io, override: dropNoise });
    for (const [name, schema] of Object.entries(whole.$defs ?? {})) kept.set(name, moved(schema));
    if (whole.id === undefined) return moved(whole);
    kept.set(whole.id, moved(whole));
    return { $ref: `${COMPONENTS}${whole.id}` };
  };
  return {
    sent: (schema) => convert(schema, 'input'),
    answered: (schema) => convert(schema, 'output'),
    named: () => Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
