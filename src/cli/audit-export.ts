import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { parseAuditLine } from '../audit/audit-line.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import { AgentPeerError } from '../errors.ts';
import type { AuditLine } from '../ports/audit.ts';
import type { Io } from './io.ts';
import { readAll } from './read-all.ts';

const LIMIT_BYTES = 32 * 1024 * 1024;
const FIX = 'Ask the other owner for: agent-peer audit --peer <their name for you> --json > FILE';

/** Part of another owner's log. */
export interface AuditExport {
  readonly lines: readonly AuditLine[];
  /** Null in a bare audit.jsonl. */
  readonly readAt: string | null;
}

const auditDocument = z.object({
  readAt: z.iso.datetime(),
  filter: z.record(z.string(), z.unknown()),
  lines: z.array(z.unknown()),
});

/** Filters that leave no gap in the messages with one peer. */
const HARMLESS = ['peer', 'since', 'limit'];

function broken(where: string, what: string, fix = FIX): AgentPeerError {
  return new AgentPeerError('input-invalid', `${where}: ${what}`, fix);
}

const lineNumberAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** Where in the text of a document each of its lines begins: objects in an array in the document. */
function lineNumbers(text: string): readonly number[] {
  const numbers: number[] = [];
  let depth = 0;
  let number = 1;
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}\n]/g)) {
    if (mark === '\n') number += 1;
    if (mark === '{' && depth === 2) numbers.push(number);
    if (mark === '{' || mark === '[') depth += 1;
    if (mark === '}' || mark === ']') depth -= 1;
  }
  return numbers;
}

function readLine(value: unknown, where: string): AuditLine {
  const line = parseAuditLine(value, where);
  if (line.ok) return line.value;
  throw broken(line.problem.where, line.problem.what);
}

function readDocument(json: unknown, text: string, name: string): AuditExport {
  const read = auditDocument.safeParse(json);
  if (!read.success) throw broken(name, 'not an export of an audit log, and not an audit.jsonl');
  const { readAt, filter, lines } = read.data;
  const gap = Object.keys(filter).find((key) => !HARMLESS.includes(key));
  if (gap !== undefined) throw broken(name, `exported with a filter (${gap}) that leaves messages out`);
  const numbers = lineNumbers(text);
  const where = (index: number) => `${name} line ${numbers[index] ?? '?'}`;
  return { readAt, lines: lines.map((line, index) => readLine(line, where(index))) };
}

function readJsonLines(text: string, name: string): AuditExport {
  const rows = text.split('\n').map((row, index) => ({ row, where: `${name} line ${index + 1}` }));
  const lines = rows
    .filter(({ row }) => row.trim() !== '')
    .map(({ row, where }) => {
      const json = parseStrictJson(row, where);
      if (!json.ok) throw broken(json.problem.where, json.problem.what);
      return readLine(json.value, where);
    });
  return { readAt: null, lines };
}

/** The first row of an audit.jsonl is JSON by itself; that of a document is not, or is all of it. */
function isJsonLines(text: string): boolean {
  const [first = ''] = text.trimStart().split('\n', 1);
  const json = parseStrictJson(first);
  return json.ok && json.value !== null && typeof json.value === 'object' && 'time' in json.value;
}

/**
 * Reads what `agent-peer audit --json` printed, or an audit.jsonl.
 * @param name of the file, for messages
 */
function parseAuditExport(text: string, name: string): AuditExport {
  if (text.trim() === '') throw broken(name, 'is empty');
  if (isJsonLines(text)) return readJsonLines(text, name);
  const json = parseStrictJson(text, name);
  if (json.ok) return readDocument(json.value, text, name);
  const at = Number(/\d+$/.exec(json.problem.where)?.[0] ?? 1);
  throw broken(`${name} line ${lineNumberAt(text, at)}`, json.problem.what);
}

async function bytesOf(io: Io, path: string): Promise<Buffer> {
  try {
    return await readAll(path === '-' ? io.stdin : createReadStream(path), LIMIT_BYTES, path);
  } catch (error) {
    if (error instanceof AgentPeerError) throw error;
    const what = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw broken(
      path,
      `cannot be read (${what})`,
      'Name a file inside the container, or pipe it in and name -',
    );
  }
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw broken(name, 'is not UTF-8');
  }
}

/** Throws AgentPeerError `input-invalid` with the line that is wrong. */
export async function readAuditExport(io: Io, path: string): Promise<AuditExport> {
  const name = path === '-' ? 'stdin' : path;
  return parseAuditExport(decode(await bytesOf(io, path), name), name);
}
