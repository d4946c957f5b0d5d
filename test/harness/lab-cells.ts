import {
  ALIAS_NOT_GRANTED,
  CARD,
  HEALTH,
  refused,
  TASK_UNKNOWN,
  UNAUTHENTICATED,
} from '../attacks/answers.ts';
import type { Expectation } from '../attacks/attack.ts';
import { call, message, request, type Draft } from '../attacks/bytes.ts';
import type { LabDoor, SenderName } from './lab-door.ts';
import type { RawReply } from './raw-sender.ts';

/** A request to stack a of the lab: from which node, with whose token, and what it must be answered. */
export interface LabCell {
  readonly kind: string;
  readonly from: SenderName;
  readonly token: keyof LabDoor['tokens'] | null;
  readonly draft: Draft;
  readonly expect: Expectation;
}

type Sender = Pick<LabCell, 'from' | 'token'>;

const B: Sender = { from: 'b', token: 'b' };
const CAROL: Sender = { from: 'carol', token: 'carol' };

const cell = (kind: string, sender: Sender, draft: Draft, expect: Expectation): LabCell => ({
  kind,
  ...sender,
  draft,
  expect,
});
const tool = (name: string, args: object): Draft => ({
  target: '/tools/invoke',
  body: JSON.stringify({ tool: name, args: { message: 'let me in', timeoutSeconds: 0, ...args } }),
});
const to = (alias: string): Draft => ({ target: `/a2a/v1/${alias}` });
const GET_CARD: Draft = { method: 'GET', target: '/.well-known/agent-card.json' };
const GET_HEALTH: Draft = { method: 'GET', target: '/health' };
const CANCEL_OLD: Draft = { body: ({ other }) => call('CancelTask', { id: other.taskId }) };
const MAIN = { sessionKey: 'agent:main:main' };

/** One cell of each kind of the negative matrix. */
export const LAB_CELLS: readonly LabCell[] = [
  cell('no token', { from: 'b', token: null }, {}, UNAUTHENTICATED),
  cell('another node', { from: 'stranger', token: 'b' }, {}, UNAUTHENTICATED),
  cell('another peer’s token', { from: 'b', token: 'carol' }, {}, UNAUTHENTICATED),
  cell('a revoked peer', { from: 'stranger', token: 'dave' }, {}, refused(403, 'peer-revoked')),
  cell('a revoked peer’s token, elsewhere', { from: 'b', token: 'dave' }, {}, UNAUTHENTICATED),
  cell('an alias of another peer', B, to('private'), ALIAS_NOT_GRANTED),
  cell('an alias of nobody', B, to('nowhere'), ALIAS_NOT_GRANTED),
  cell('an expired grant', CAROL, to('old'), refused(403, 'grant-expired')),
  cell('an operation that is not granted', CAROL, to('read-only'), refused(403, 'operation-not-granted')),
  cell('cancelling another’s', B, CANCEL_OLD, TASK_UNKNOWN),
  cell('cancelling what is over', CAROL, CANCEL_OLD, refused(200, 'task-not-cancelable')),
  cell('another tool', B, tool('exec', { command: 'id' }), refused(404, 'tool-unknown', 'gateway')),
  cell(
    'a session key for an alias',
    B,
    tool('sessions_send', MAIN),
    refused(403, 'alias-not-granted', 'gateway'),
  ),
  cell('the card, for no peer’s node', { from: 'stranger', token: 'b' }, GET_CARD, UNAUTHENTICATED),
  cell('the card, for a peer', { from: 'b', token: null }, GET_CARD, CARD),
  cell('health, for a peer', B, GET_HEALTH, HEALTH),
];

/** What each cell was answered, by its kind. */
export async function sendCells({ aim, send, tokens }: LabDoor): Promise<ReadonlyMap<string, RawReply>> {
  const bytesOf = ({ token, draft }: LabCell) =>
    request({ body: message('cell'), ...draft })(aim(token === null ? null : tokens[token]));
  const senders = [...new Set(LAB_CELLS.map(({ from }) => from))];
  const replies = await Promise.all(
    senders.map((sender) => {
      const own = LAB_CELLS.filter(({ from }) => from === sender);
      return send(
        sender,
        own.map((one) => ({ id: one.kind, bytes: bytesOf(one) })),
      );
    }),
  );
  return new Map(replies.flatMap((some) => [...some]));
}
