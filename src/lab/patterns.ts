import { randomUUID } from 'node:crypto';
import type { Kind } from '../core/kinds.ts';
import { callGatewayIn } from './gateway-calls.ts';
import type Docker from 'dockerode';
import type { Stack } from './stack.ts';

export type Pattern = Exclude<Kind, 'message'>;

/** What an agent hands to `peer_send` in each of the daily patterns. */
export const PATTERNS: Readonly<Record<Pattern, { readonly text: string; readonly fields: object }>> = {
  handoff: {
    text: 'Good morning. Everything of last night is below; the release waits for you.',
    fields: {
      status: 'The backup finished at 04:12; two tests of the writer are red',
      next: 'Mend the two tests, then release',
    },
  },
  insight: {
    text: 'The nightly build is slow because its cache is never hit: the key has the date in it.',
    fields: { topic: 'build cache', confidence: 'high' },
  },
  review: {
    text: 'Please look at the plan for the move to the new disk.',
    fields: {
      artifact: 'docs/move-to-the-new-disk.md',
      questions: 'Is there a moment at which both disks are written to?',
      deadlineSeconds: 14_400,
    },
  },
  delegation: {
    text: 'Please find out why the nightly backup takes twice as long since Monday.',
    fields: {
      doneWhen: 'the cause is named, with the line of the log that shows it',
      deadlineSeconds: 28_800,
    },
  },
};

export const isPattern = (word: string): word is Pattern => Object.hasOwn(PATTERNS, word);

const TURN_MS = 120_000;
/** A session of an agent's own, as a person has one. */
export const OWN_SESSION = 'agent:main:main';

interface Reply {
  readonly text?: string;
}

/** A text within a result of a tool, as JSON has it, that quotes a peer. */
const QUOTES_A_PEER = /"text": ("(?:[^"\\]|\\.)*<<<peer-message(?:[^"\\]|\\.)*")/;

/** What a tool told the agent of the reply, out of all that the scripted model says of it. */
export function replyToldIn(answer: string): string {
  const [, text] = QUOTES_A_PEER.exec(answer) ?? [];
  return text === undefined ? answer : (JSON.parse(text) as string);
}

/** Says something to the agent of a gateway, as its user does, and waits for the end of the turn. @returns the agent's answer */
export async function askAgentIn(docker: Docker, container: string, message: string): Promise<string> {
  const idempotencyKey = `lab-${randomUUID()}`;
  const turn = { message, sessionKey: OWN_SESSION, deliver: false, idempotencyKey };
  const [, ended] = await callGatewayIn(docker, container, [
    ['agent', turn],
    ['agent.wait', { runId: idempotencyKey, timeoutMs: TURN_MS }],
  ]);
  const { terminalReply } = ended as { readonly terminalReply?: Reply };
  if (terminalReply?.text === undefined)
    throw new Error(`the agent in ${container} gave no answer: ${JSON.stringify(ended)}`);
  return terminalReply.text;
}

/** The same of a stack's own agent. */
export function askAgent(docker: Docker, stack: Stack, message: string): Promise<string> {
  return askAgentIn(docker, stack.container('gateway'), message);
}

/**
 * What makes the scripted model call a tool; its answer is then what the tool said. OpenClaw shows a model the tools for files
 * and programs alone, and one that finds and one that calls all others.
 */
export function useTool(name: string, args: object): string {
  return `use the tool tool_call with ${JSON.stringify({ id: name, args })}`;
}

/** The same of a tool of the MCP server. */
export const useMcpTool = (name: string, args: object): string => useTool(`agent-peer__${name}`, args);
