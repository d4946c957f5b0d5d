import { parseContext, type ContextPart } from './context.ts';
import { parseFields } from './fields.ts';
import { isKind, KINDS, type FieldsOf, type Kind } from './kinds.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** What a message is beside its text. */
export type Content = {
  readonly [K in Kind]: {
    readonly kind: K;
    readonly fields: FieldsOf<K>;
    readonly context: readonly ContextPart[];
  };
}[Kind];

/** Content as somebody outside gave it; what is left out is that of a plain message. */
export interface RawContent {
  readonly kind?: unknown;
  readonly fields?: unknown;
  readonly context?: unknown;
}

export const PLAIN: Content = { kind: 'message', fields: {}, context: [] };

/** Nothing but a text, as every message was before there were kinds. */
export function isPlain({ kind, context }: Content): boolean {
  return kind === 'message' && context.length === 0;
}

/**
 * The one reading of what a message is beside its text, for the peer wire, the local API and the command line alike.
 * @param at what stands before the name of a field in a problem
 */
export function parseContent(
  { kind = 'message', fields = {}, context = [] }: RawContent,
  at = '',
): Parsed<Content> {
  if (!isKind(kind)) return problem(`${at}kind`, 'there is no such kind', `Use one of ${KINDS.join(', ')}`);
  const read = parseFields(kind, fields, `${at}fields`);
  if (!read.ok) return read;
  const parts = parseContext(context, `${at}context`);
  if (!parts.ok) return parts;
  return parsed({ kind, fields: read.value, context: parts.value });
}
