import type { JsonValue } from './strict-json.ts';

/** What a message is for: a label that the receiving agent is shown, and the fields that go with it. */
export const KINDS = ['message', 'handoff', 'insight', 'review', 'delegation'] as const;
export type Kind = (typeof KINDS)[number];

/** Something to read beside the message, and not a part of it. */
export type ContextPart =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'json'; readonly value: JsonValue };

/** What a message is beside its text. */
export interface Content {
  readonly kind: Kind;
  /** By the kind's own names; each a text. */
  readonly fields: Readonly<Record<string, string>>;
  readonly context: readonly ContextPart[];
}

export const PLAIN: Content = { kind: 'message', fields: {}, context: [] };

export function isKind(raw: string): raw is Kind {
  return (KINDS as readonly string[]).includes(raw);
}

export function isPlain({ kind, fields, context }: Content): boolean {
  return kind === 'message' && Object.keys(fields).length === 0 && context.length === 0;
}
