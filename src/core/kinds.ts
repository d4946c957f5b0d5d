export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What a field of a message holds. */
interface FieldTypes {
  readonly text: string;
  readonly confidence: Confidence;
  /** A duration, never an instant: the clocks of machines that sleep drift. */
  readonly seconds: number;
}
export type FieldType = keyof FieldTypes;

/**
 * Each kind of message, and what it may say beside its text. The types below, the checks of content.ts, the options of
 * the command line and the frame are all made from this one table.
 */
export const KIND_FIELDS = {
  message: {},
  handoff: { status: 'text', next: 'text' },
  insight: { topic: 'text', confidence: 'confidence' },
  review: { artifact: 'text', questions: 'text', deadlineSeconds: 'seconds' },
  delegation: { doneWhen: 'text', deadlineSeconds: 'seconds' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldType>>>>;

/** What a message is for: a label that the receiving agent is shown, and the fields that go with it. */
export type Kind = keyof typeof KIND_FIELDS;

/** All of them may be left out. */
export type FieldsOf<K extends Kind> = {
  readonly [Name in keyof (typeof KIND_FIELDS)[K]]?: (typeof KIND_FIELDS)[K][Name] extends FieldType
    ? FieldTypes[(typeof KIND_FIELDS)[K][Name]]
    : never;
};

type NameIn<K extends Kind> = K extends Kind ? keyof (typeof KIND_FIELDS)[K] & string : never;
export type FieldName = NameIn<Kind>;

export const KINDS = Object.keys(KIND_FIELDS) as readonly Kind[];

export function isKind(raw: unknown): raw is Kind {
  return typeof raw === 'string' && Object.hasOwn(KIND_FIELDS, raw);
}

/** Of one kind, in the order in which they are shown. */
export function fieldTypes(kind: Kind): readonly (readonly [name: FieldName, type: FieldType])[] {
  return Object.entries(KIND_FIELDS[kind]) as [FieldName, FieldType][];
}
