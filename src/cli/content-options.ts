import type { Command } from 'commander';
import { parseContent, type RawContent } from '../core/content.ts';
import { parseDuration } from '../core/duration.ts';
import { KINDS, type FieldName } from '../core/kinds.ts';
import type { Parsed } from '../core/parsed.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import { AgentPeerError, fromProblem } from '../errors.ts';
import { decodeText, readFile } from './read-file.ts';

/** The option of each field, the words for its value and for what it is. */
const FIELD_OPTIONS: Readonly<Record<FieldName, readonly [option: string, value: string, about: string]>> = {
  status: ['--status', 'text', 'of a handoff: where things stand'],
  next: ['--next', 'text', 'of a handoff: what is to be done next'],
  topic: ['--topic', 'text', 'of an insight: what it is about'],
  confidence: ['--confidence', 'level', 'of an insight: low, medium or high'],
  artifact: ['--artifact', 'text', 'of a review: what to look at'],
  questions: ['--questions', 'text', 'of a review: what you want to know'],
  doneWhen: ['--done-when', 'text', 'of a delegation: when it is done'],
  deadlineSeconds: [
    '--deadline',
    'duration',
    'of a review or a delegation: how much time it has, as 45m, 2h or 3d',
  ],
};
const FIELDS = Object.entries(FIELD_OPTIONS) as [FieldName, (typeof FIELD_OPTIONS)[FieldName]][];

export interface ContentOptions {
  readonly kind?: string;
  readonly status?: string;
  readonly next?: string;
  readonly topic?: string;
  readonly confidence?: string;
  readonly artifact?: string;
  readonly questions?: string;
  readonly doneWhen?: string;
  readonly deadline?: string;
  readonly context?: readonly string[];
  readonly contextJson?: readonly string[];
}

const collect = (path: string, before: readonly string[] = []): readonly string[] => [...before, path];

export function addContentOptions(command: Command): Command {
  command.option('--kind <kind>', `what the message is: ${KINDS.join(', ')}`);
  for (const [, [option, value, about]] of FIELDS) command.option(`${option} <${value}>`, about);
  return command
    .option('--context <path>', 'a text to be read beside the message; may be said again', collect)
    .option('--context-json <path>', 'the same for JSON', collect);
}

function must<T>(result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw fromProblem('message-invalid', result.problem);
}

/** Throws AgentPeerError `message-invalid` naming the option and its file. */
function readParts({ context = [], contextJson = [] }: ContentOptions): readonly object[] {
  const texts = context.map((path) => {
    const option = `--context ${path}`;
    return { type: 'text', text: decodeText(readFile(path, option), option) };
  });
  const values = contextJson.map((path) => {
    const option = `--context-json ${path}`;
    return { type: 'json', value: must(parseStrictJson(decodeText(readFile(path, option), option), option)) };
  });
  return [...texts, ...values];
}

function fieldsOf({ deadline, ...options }: ContentOptions): Readonly<Record<string, unknown>> {
  const { status, next, topic, confidence, artifact, questions, doneWhen } = options;
  const texts = { status, next, topic, confidence, artifact, questions, doneWhen };
  const given = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
  if (deadline === undefined) return given;
  return { ...given, deadlineSeconds: must(parseDuration(deadline, '--deadline')) / 1000 };
}

/** What a person typed, in place of what the field is called elsewhere. */
function optionOf(where: string): string {
  const name = /^fields\.(\w+)$/.exec(where)?.[1];
  return FIELDS.find(([field]) => field === name)?.[1][0] ?? (where === 'kind' ? '--kind' : where);
}

/** Checked before anything is sent. Throws AgentPeerError `input-invalid`, `message-invalid`. */
export function readContent(options: ContentOptions): RawContent {
  const read = parseContent({
    kind: options.kind,
    fields: fieldsOf(options),
    context: readParts(options),
  });
  if (read.ok) return read.value;
  const { where, what, fix } = read.problem;
  throw new AgentPeerError('message-invalid', `${optionOf(where)}: ${what}`, fix);
}
