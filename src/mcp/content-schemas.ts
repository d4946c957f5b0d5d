import { z } from 'zod';
import { CONTEXT_PARTS_LIMIT } from '../core/context.ts';
import { FIELD_LIMIT } from '../core/fields.ts';
import { CONFIDENCES, fieldTypes, KINDS, type FieldName, type FieldType, type Kind } from '../core/kinds.ts';

/** What a field is for and what one looks like, for a model. The table of kinds says which there are, and whose. */
export const FIELD_WORDS: Readonly<Record<FieldName, readonly [about: string, example: string | number]>> = {
  status: ['where things stand', 'The parser is done; two tests of the writer fail'],
  next: ['what is to be done next', 'Make the writer escape quotes'],
  topic: ['what it is about', 'build cache'],
  confidence: ['how sure you are', 'medium'],
  artifact: ['what to look at: a link, a path, a commit', 'https://example.com/pull/12'],
  questions: ['what you want to know', 'Is the migration safe to run twice?'],
  deadlineSeconds: ['how much time it has, in seconds', 7200],
  doneWhen: ['when it is done, so that both sides can tell', 'npm test is green'],
};

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  message: 'nothing in particular',
  handoff: 'go on with this',
  insight: 'you may want to know',
  review: 'look at this',
  delegation: 'please do this',
};

function schemaOf(type: FieldType): z.ZodType {
  switch (type) {
    case 'text':
      return z.string().max(FIELD_LIMIT);
    case 'confidence':
      return z.enum(CONFIDENCES);
    case 'seconds':
      return z.int().min(1);
  }
}

function fieldShape(): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, type] of new Map(KINDS.flatMap(fieldTypes))) {
    const owners = KINDS.filter((kind) => fieldTypes(kind).some(([own]) => own === name));
    const [about, example] = FIELD_WORDS[name];
    const description = `Of kind ${owners.join(' or ')}: ${about}`;
    shape[name] = schemaOf(type)
      .meta({ description, examples: [example] })
      .optional();
  }
  return shape;
}

/** The content of a message as `peer_send` takes it. Which field goes with which kind is judged by the core, as everywhere. */
export const contentShape = {
  kind: z
    .enum(KINDS)
    .meta({
      description: `What the message is for: ${KINDS.map((kind) => `${kind} ("${KIND_WORDS[kind]}")`).join(', ')}`,
      examples: ['handoff'],
    })
    .exactOptional(),
  fields: z
    .strictObject(fieldShape())
    .meta({
      description: 'What goes with the kind; all may be left out, and only those of the kind may be given',
      examples: [{ status: FIELD_WORDS.status[1], next: FIELD_WORDS.next[1] }],
    })
    .exactOptional(),
  context: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text'), text: z.string() }),
        z.strictObject({ type: z.literal('json'), value: z.unknown() }),
      ]),
    )
    .max(CONTEXT_PARTS_LIMIT)
    .meta({
      description: 'To be read beside the message and not a part of it: notes, a log, a state. 64 KiB in all',
      examples: [[{ type: 'text', text: '# Notes of today' }]],
    })
    .exactOptional(),
};
