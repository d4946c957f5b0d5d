import { z } from 'zod';
import { DEFAULT_ALIAS, parseAlias, type Alias } from '../core/alias.ts';
import { parsed, problem, type Parsed } from '../core/parsed.ts';
import { parseNodeId } from '../core/peer.ts';
import { MESSAGES_PATH } from '../core/peer-wire.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import { issueLines } from '../errors.ts';
import type { PeerConfig } from '../ports/peer-config.ts';

/** As a zod type, with the word that the parser itself has for what is wrong. */
function readWith<T>(parse: (raw: string) => Parsed<T>) {
  return z
    .string()
    .max(256)
    .transform((raw, context) => {
      const read = parse(raw);
      if (read.ok) return read.value;
      context.addIssue({ code: 'custom', message: read.problem.what });
      return z.NEVER;
    });
}

const Config = z.strictObject({
  format: z.literal(1),
  name: z.string().min(1).max(64),
  node: z.strictObject({
    nodeId: readWith((raw) => parseNodeId(raw)),
    dnsName: z.string().regex(/^[a-z0-9.-]{1,253}$/i, 'not a DNS name'),
    ipv4: z.ipv4(),
  }),
  port: z.int().min(1).max(65_535),
  aliases: z
    .array(z.strictObject({ alias: readWith((raw) => parseAlias(raw)), url: z.string().max(300) }))
    .max(256),
});

const BLOCK = /^```json[ \t]*\r?\n(.*?)^```[ \t]*\r?$/gms;
const FIX = 'Ask its owner for: agent-peer peers export';

export function urlOf({ ipv4, port }: { ipv4: string; port: number }, alias: Alias): string {
  return `http://${ipv4}:${port}${MESSAGES_PATH}${alias === DEFAULT_ALIAS ? '' : `/${alias}`}`;
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;

/** The JSON of a file that is all JSON, or of the one block of it in a text; with the place where it begins. */
function jsonPart(text: string, name: string): Parsed<{ readonly json: string; readonly at: number }> {
  if (text.trimStart().startsWith('{')) return parsed({ json: text, at: 0 });
  const blocks = [...text.matchAll(BLOCK)];
  const [block] = blocks;
  if (block === undefined) return problem(name, 'has no ```json block, and is no JSON', FIX);
  if (blocks.length > 1)
    return problem(
      `${name} line ${lineAt(text, blocks[1]?.index ?? 0)}`,
      'a second ```json block',
      'Leave one',
    );
  return parsed({ json: block[1] ?? '', at: block.index + block[0].indexOf('\n') + 1 });
}

/**
 * Reads what `agent-peer peers export` wrote: JSON, or Markdown with the JSON in it.
 * @param name of the file, for messages
 */
export function parsePeerConfig(text: string, name: string): Parsed<PeerConfig> {
  const part = jsonPart(text, name);
  if (!part.ok) return part;
  const { json, at } = part.value;
  const read = parseStrictJson(json);
  if (!read.ok) {
    const place = Number(/\d+$/.exec(read.problem.where)?.[0] ?? 1) - 1;
    return problem(`${name} line ${lineAt(text, at + place)}`, `no JSON: ${read.problem.what}`, FIX);
  }
  const format = z.object({ format: z.int().min(2) }).safeParse(read.value);
  if (format.success) return problem(name, 'was written by a newer version of agent-peer', 'Update this one');
  const config = Config.safeParse(read.value);
  if (config.success) return parsed(config.data);
  return problem(name, issueLines(config.error), FIX);
}

function aliasLines({ aliases }: PeerConfig): readonly string[] {
  if (aliases.length === 0) return ['Nothing yet. Its owner says which sessions, by alias.'];
  return aliases.map(({ alias, url }) => `- \`${alias}\` at ${url}`);
}

/** For people, with the JSON in it for `agent-peer peers add`. */
export function peerConfigMarkdown(config: PeerConfig): string {
  const { name, node, port, aliases } = config;
  const url = aliases[0]?.url ?? urlOf({ ipv4: node.ipv4, port }, DEFAULT_ALIAS);
  return [
    `# The agent-peer stack "${name}"`,
    '',
    'For the owner of another stack, to make this one a peer by hand. Nothing here is secret. The token that your stack',
    'presents goes another way: by one that only the two of you can read.',
    '',
    `- node id: ${node.nodeId}`,
    `- DNS name: ${node.dnsName}`,
    `- address: ${node.ipv4}, port ${port}`,
    '',
    '## What your stack may write to',
    '',
    ...aliasLines(config),
    '',
    '## Adding it',
    '',
    'With agent-peer, with this file: `agent-peer peers add FILE`. It prints a token: that is for the owner of this stack.',
    '',
    'Any A2A 1.0 client can write too (JSON-RPC over HTTP), from the node that this stack’s owner added, and no other. Put',
    '`Authorization: Bearer TOKEN` into a file that nobody else can read, with the token from this stack’s owner, and then:',
    '',
    '```sh',
    `curl ${url} -H @FILE -H 'A2A-Version: 1.0' -H 'Content-Type: application/json' -d '{"jsonrpc": "2.0", "id": 1,`,
    `  "method": "SendMessage", "params": {"message": {"messageId": "one-of-its-own", "role": "ROLE_USER",`,
    `  "parts": [{"text": "Hello"}]}}}'`,
    '```',
    '',
    '## For agent-peer',
    '',
    '```json',
    JSON.stringify(config, null, 2),
    '```',
  ].join('\n');
}
