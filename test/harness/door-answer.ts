/** What a sender learns from an answer of the door, and what it must learn by the oracle; both as plain data to compare. */
import type { Answer } from './ask.ts';
import { addressedAlias, peerOf, replyTo } from './door-city.ts';
import type { Cell } from './door-cells.ts';
import { cardAliases, type Outcome } from './door-oracle.ts';

interface Task {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly artifacts?: readonly { readonly parts: readonly { readonly text: string }[] }[];
}

interface Body {
  readonly ok?: boolean;
  readonly status?: string;
  readonly version?: string;
  readonly skills?: readonly { readonly id: string }[];
  readonly error?: {
    readonly type?: string;
    readonly data?: readonly { readonly reason: string; readonly domain: string }[];
  };
  readonly result?: Partial<Task> & {
    readonly task?: Task;
    readonly details?: { readonly status: string; readonly sessionKey: string; readonly reply?: string };
  };
}

/** The word of a refusal, in whichever of the two shapes. */
function toldIn({ ok, error }: Body): string | undefined {
  if (ok === false) return error?.type;
  return error?.data?.find(({ domain }) => domain === 'agent-peer')?.reason;
}

const replyIn = (task: Partial<Task> | undefined) => task?.artifacts?.[0]?.parts[0]?.text;

/** Only as far as the oracle speaks of it. */
export function seenIn({ status, body: raw }: Answer, { kind }: Outcome): object {
  const body = JSON.parse(raw) as Body;
  const { result } = body;
  switch (kind) {
    case 'refused':
      return { status, told: toldIn(body) };
    case 'accepted': {
      const reply = result?.details?.reply ?? replyIn(result?.task);
      const state = result?.details?.status ?? result?.task?.status.state;
      return { status, state, alias: result?.details?.sessionKey, echoed: reply?.startsWith('You said: ') };
    }
    case 'task':
      return { status, id: result?.id, state: result?.status?.state, reply: replyIn(result) };
    case 'card':
      return { status, skills: body.skills?.map(({ id }) => id) };
    case 'health':
      return { status, word: body.status, version: body.version };
    case 'pair':
      return { status, body };
  }
}

/** The fake gateway's model says back what it was told. */
function acceptedOf(cell: Cell, { reply, held }: Extract<Outcome, { kind: 'accepted' }>): object {
  if (cell.call.kind === 'tool') {
    return {
      status: 200,
      state: reply ? 'ok' : 'accepted',
      alias: addressedAlias(cell),
      echoed: reply || undefined,
    };
  }
  const waiting = held === 'reply' ? 'TASK_STATE_WORKING' : 'TASK_STATE_SUBMITTED';
  const state = reply ? 'TASK_STATE_COMPLETED' : waiting;
  return { status: 200, state, alias: undefined, echoed: reply || undefined };
}

export function wantedFor(cell: Cell, outcome: Outcome, id: string): object {
  switch (outcome.kind) {
    case 'refused':
      return { status: outcome.status, told: outcome.told };
    case 'accepted':
      return acceptedOf(cell, outcome);
    case 'task': {
      const { state } = outcome;
      const over = state === 'TASK_STATE_COMPLETED';
      return {
        status: 200,
        id,
        state,
        reply: over ? replyTo(peerOf(cell), addressedAlias(cell)) : undefined,
      };
    }
    case 'card':
      return { status: 200, skills: cardAliases(outcome.of, cell.grant) };
    case 'pair':
      return { status: 200, body: outcome.answer };
    case 'health': {
      const { status, details } = outcome;
      return {
        status,
        word: status === 200 ? 'ok' : 'stack-not-ready',
        version: details ? '0.1.0' : undefined,
      };
    }
  }
}
