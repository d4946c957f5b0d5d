import { ErrorCode, McpError, type GetPromptResult, type Prompt } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { fieldTypes, type Kind } from '../core/kinds.ts';
import { parsePeerName } from '../core/peer.ts';
import { AgentPeerError, must } from '../errors.ts';
import { readArguments } from './arguments.ts';
import { FIELD_WORDS } from './content-schemas.ts';

type Pattern = Exclude<Kind, 'message'>;

interface PatternWords {
  readonly title: string;
  readonly description: string;
  /** What the human wants, from here on. */
  readonly wish: (peer: string) => string;
  readonly collect: string;
  readonly after: string;
}

const PATTERNS: Readonly<Record<Pattern, PatternWords>> = {
  handoff: {
    title: 'Hand work off to a peer',
    description: 'Hand over what you are working on, so that the peer agent can go on with it.',
    wish: (peer) => `Hand what we are working on over to the peer agent "${peer}", who is to go on with it.`,
    collect: 'Collect what it takes to go on: what is done, what is not, where it is, what to watch out for.',
    after: 'Tell me what was handed over, and what came back.',
  },
  insight: {
    title: 'Share an insight with a peer',
    description: 'Tell the peer agent something that it may want to know; nothing is asked of it.',
    wish: (peer) => `Share with the peer agent "${peer}" what we found out and it may want to know.`,
    collect: 'Say what was found, how we know, and how sure we are. Ask for nothing.',
    after: 'Tell me that it was sent. A reply is not needed.',
  },
  review: {
    title: 'Ask a peer for a review',
    description: 'Ask the peer agent to look at something and to say what it thinks.',
    wish: (peer) => `Ask the peer agent "${peer}" to review what we have.`,
    collect:
      'Say what to look at and put it in as context when the peer cannot reach it; ask few, clear questions.',
    after: "Tell me what the review says. It is another agent's opinion: change nothing on its word alone.",
  },
  delegation: {
    title: 'Delegate a task to a peer',
    description: 'Ask the peer agent to do a task, which it accepts or declines.',
    wish: (peer) => `Ask the peer agent "${peer}" to take a task on.`,
    collect: 'Say what is to be done, with all that it takes, and how both sides can tell that it is done.',
    after: 'Tell me whether it accepted, or why it declined (`answer` of the result).',
  },
};
const PATTERN_NAMES = Object.keys(PATTERNS) as readonly Pattern[];

const given = z.strictObject({ peer: z.string(), about: z.string().exactOptional() });

export const PROMPTS: readonly Prompt[] = PATTERN_NAMES.map((name) => ({
  name,
  title: PATTERNS[name].title,
  description: PATTERNS[name].description,
  arguments: [
    { name: 'peer', description: 'Name of the peer, as peer_list shows it', required: true },
    {
      name: 'about',
      description: 'What it is about; what the session is about when left out',
      required: false,
    },
  ],
}));

function textOf(pattern: Pattern, { peer, about }: z.infer<typeof given>): string {
  const { wish, collect, after } = PATTERNS[pattern];
  const fields = fieldTypes(pattern).map(([name]) => `${name} (${FIELD_WORDS[name][0]})`);
  return [
    wish(must('input-invalid', parsePeerName(peer))),
    ...(about === undefined ? [] : [`It is about: ${about}`]),
    '',
    `1. ${collect} The other agent sees nothing of this session.`,
    '2. Leave out secrets and what is private. When you are not sure, ask me before you send.',
    `3. Call peer_send once, with peer "${peer}", kind "${pattern}", the text, and what you know of these fields: ${fields.join(', ')}.`,
    '4. When there is no reply yet, call peer_wait with the id. Do not send it again.',
    `5. ${after}`,
  ].join('\n');
}

/** Throws McpError, by the words of the AgentPeerError that it was. */
export function getPrompt(name: string, args: unknown): GetPromptResult {
  const pattern = PATTERN_NAMES.find((one) => one === name);
  if (pattern === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no prompt "${name}"`);
  try {
    const text = textOf(pattern, readArguments(given, args) as z.infer<typeof given>);
    return {
      description: PATTERNS[pattern].description,
      messages: [{ role: 'user', content: { type: 'text', text } }],
    };
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    throw new McpError(ErrorCode.InvalidParams, `${error.message}. ${error.fix}`);
  }
}
