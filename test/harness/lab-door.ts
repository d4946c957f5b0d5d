import { editData } from '../../src/lab/data-edit.ts';
import { eventually } from '../../src/lab/eventually.ts';
import { exchange } from '../../src/lab/exchange.ts';
import { mustExec } from '../../src/lab/exec.ts';
import { statusOf } from '../../src/lab/pairing.ts';
import type { Stack } from '../../src/lab/stack.ts';
import { startStranger } from '../../src/lab/stranger.ts';
import type { Aim } from '../attacks/attack.ts';
import { message, request } from '../attacks/bytes.ts';
import { SENT } from '../attacks/corpus/pair-call.ts';
import { readAnswers } from '../attacks/outcome.ts';
import { startCanary, type Canary } from './canary.ts';
import type { Ground } from './ground.ts';
import { sendFrom, type RawReply, type RawRequest, type Sender } from './raw-sender.ts';

const PORT = 8080;

/** Peers of a's: b has one alias; carol's are `private`, an expired one and one to read only; dave was revoked. */
export const SESSIONS = {
  b: 'agent:main:peer-b',
  carol: 'agent:main:peer-carol',
  old: 'agent:main:peer-old',
  readOnly: 'agent:main:peer-read-only',
} as const;

const OLD = { messageId: 'carol-1', conversation: 'carol-conversation', text: 'what carol asked' };

/** Who sends: from b's node, from a node that is nobody's any more (dave's, who was revoked), from carol's. */
export type SenderName = 'b' | 'stranger' | 'carol';

/** The door of stack a, and those who stand before it. */
export interface LabDoor {
  readonly tokens: Readonly<Record<'b' | 'carol' | 'dave', string>>;
  readonly canary: Canary;
  readonly aim: (token: string | null) => Aim;
  readonly send: (
    from: SenderName,
    requests: readonly RawRequest[],
  ) => Promise<ReadonlyMap<string, RawReply>>;
  /** Words that no answer may hold. */
  readonly secrets: readonly string[];
  /** When nothing that was accepted waits or runs any more. */
  readonly settled: () => Promise<void>;
}

async function addPeer(
  { docker, stacks: { a } }: Ground['lab'],
  name: string,
  ipv4: string,
): Promise<string> {
  const whois = ['tailscale', 'whois', '--json', ipv4];
  const seen = () => mustExec(docker, a.container('tailscale'), whois);
  await eventually(`a sees ${name}'s node`, seen, () => true);
  return (await a.ask<{ token: string }>(['peers', 'add', name, '--node', ipv4])).token;
}

async function grantToCarol(a: Stack): Promise<void> {
  await a.ask(['aliases', 'add', 'carol', 'old', SESSIONS.old, '--expires', '1s']);
  await a.ask(['aliases', 'add', 'carol', 'private', SESSIONS.carol]);
  await a.ask(['aliases', 'add', 'carol', 'read-only', SESSIONS.readOnly, '--operations', 'task-read']);
}

interface InboxCounts {
  readonly inbox: { readonly accepted?: number; readonly running?: number };
}

async function whenSettled(a: Stack): Promise<void> {
  const read = () => a.ask<InboxCounts>(['status']);
  const isOver = ({ inbox: { accepted = 0, running = 0 } }: InboxCounts) => accepted + running === 0;
  await eventually('every accepted message is over', read, isOver, 120_000, 500);
}

/** Carol's one message, answered before anything is tried. @returns its task id */
async function sendOld(send: LabDoor['send'], aim: Aim): Promise<string> {
  const { messageId, conversation, text } = OLD;
  const body = message(messageId, { contextId: conversation, parts: [{ text }] });
  const bytes = request({ target: '/a2a/v1/private', body })(aim);
  const reply = (await send('carol', [{ id: 'old', bytes }])).get('old');
  if (!(reply instanceof Buffer)) throw new Error('carol was not answered', { cause: reply });
  const [answer] = readAnswers(reply);
  const { result } = JSON.parse(answer?.body ?? '') as { result: { task: { id: string } } };
  return result.task.id;
}

async function sendersOf(ground: Ground): Promise<Readonly<Record<SenderName, Sender>>> {
  const { docker, name, control, stacks } = ground.lab;
  const carol = await startStranger(docker, name, control, 'carol');
  const { node } = await statusOf(stacks.b);
  const b = { container: stacks.b.container('proxy'), ipv4: node.ipv4 };
  return { b, carol, stranger: ground.stranger };
}

export async function prepareDoor(ground: Ground): Promise<LabDoor> {
  const { docker, name, stacks, model } = ground.lab;
  const { a, b } = stacks;
  const [senders, canary] = await Promise.all([
    sendersOf(ground),
    startCanary(docker, name, a.container('proxy')),
    exchange(b, a, model, 'before the attacks'),
  ]);
  const carol = await addPeer(ground.lab, 'carol', senders.carol.ipv4);
  const dave = await addPeer(ground.lab, 'dave', senders.stranger.ipv4);
  const tokens = { b: ground.pairing.tokens['b'] ?? '', carol, dave };
  await grantToCarol(a);
  await editData(docker, name, a, "UPDATE peers SET state = 'revoked' WHERE name = 'dave'");
  const to = { host: (await statusOf(a)).node.ipv4, port: PORT };
  const send: LabDoor['send'] = (from, requests) => sendFrom(docker, senders[from], to, requests);
  const other = { ...OLD, token: carol, alias: 'private', taskId: '' };
  const host = `${to.host}:${PORT}`;
  const aimBefore: Aim = { token: carol, host, alias: 'private', other, canary: canary.url };
  const taskId = await sendOld(send, aimBefore);
  await whenSettled(a);
  const expired = () => a.cli(['explain', 'carol', 'message-send', 'old']);
  await eventually("carol's grant has expired", expired, ({ stdout }) => stdout.includes('has expired'));
  return {
    tokens,
    canary,
    aim: (token) => ({ ...aimBefore, token, alias: 'handoff', other: { ...other, taskId } }),
    send,
    secrets: [
      ...Object.values(SESSIONS),
      ...Object.values(tokens),
      ...Object.values(SENT),
      OLD.text,
      '/data',
      'node_modules',
      '.ts:',
    ],
    settled: () => whenSettled(a),
  };
}
