import type { Content } from './content.ts';
import type { ContextPart } from './context.ts';
import { roughDuration } from './duration.ts';
import { fieldTypes, type FieldName } from './kinds.ts';

/** A deadline is told outside the quotation, as what is left of it. */
const LABELS: Readonly<Record<Exclude<FieldName, 'deadlineSeconds'>, string>> = {
  status: 'Where things stand',
  next: 'What is to be done next',
  topic: 'Topic',
  confidence: 'Confidence',
  artifact: 'What to look at',
  questions: 'Questions',
  doneWhen: 'Done when',
};

function fieldLines({ kind, fields }: Content): readonly string[] {
  const values: Readonly<Partial<Record<FieldName, string | number>>> = fields;
  return fieldTypes(kind).flatMap(([name]) =>
    name === 'deadlineSeconds' || values[name] === undefined ? [] : [`${LABELS[name]}: ${values[name]}`],
  );
}

/** Text and fields as one text, for a receiver that knows no fields. */
export function spelledOut(text: string, content: Content): string {
  const { fields } = content;
  const due =
    'deadlineSeconds' in fields ? [`Due within ${roughDuration(fields.deadlineSeconds * 1_000)}`] : [];
  const lines = [...fieldLines(content), ...due];
  return lines.length === 0 ? text : [text, '', ...lines].join('\n');
}

function contextLines(part: ContextPart): readonly [title: string, body: string] {
  return part.type === 'text' ? ['text', part.text] : ['JSON', JSON.stringify(part.value)];
}

/** Whether there is anything beside the text to be told apart from it. */
export function isDivided(content: Content): boolean {
  return content.context.length > 0 || fieldLines(content).length > 0;
}

/**
 * All that a peer wrote, between two markers that it could not know. Each line of ours within bears the marker too: a
 * heading that the peer wrote itself does not, so it passes for nothing but its own words.
 */
export function quote(text: string, content: Content, marker: string): readonly string[] {
  const fields = fieldLines(content);
  const { length } = content.context;
  const context = content.context.map(contextLines);
  return [
    `<<<peer-message ${marker}>>>`,
    text,
    ...(fields.length === 0 ? [] : [`<<<fields ${marker}>>>`, ...fields]),
    ...context.flatMap(([type, body], at) => [
      `<<<context ${at + 1} of ${length} (${type}) ${marker}>>>`,
      body,
    ]),
    `<<<end-peer-message ${marker}>>>`,
  ];
}
