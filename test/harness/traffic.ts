import type Docker from 'dockerode';
import { expect } from 'vitest';
import { eventually } from '../../src/lab/eventually.ts';
import type { Lab, PairedName } from '../../src/lab/lab.ts';
import { sessionFor } from '../../src/lab/pairing.ts';
import { answerTo } from '../../src/lab/scripted-model.ts';
import { historyOf } from '../../src/lab/session-history.ts';
import { whenAnswering, type Stack } from '../../src/lab/stack.ts';
import { countMessages, type InboxRow, type MessageCount, type OutboxRow } from './message-count.ts';
import { printSize } from './print-size.ts';
import { listMessages, sendTexts } from './proxy-scripts.ts';

/** What is on the way both ways between the lab's two stacks while something is done to them. */
export interface Traffic {
  /** Gives each stack so many messages for the other, whose turns take so long. */
  send(what: string, wish: { readonly each: number; readonly seconds?: number }): Promise<void>;
  /** Waits until all of it is over. */
  settled(): Promise<void>;
  /**
   * Waits until all of it is over and counts it at both ends. Fails when a message was lost, delivered twice, answered
   * with something else, or is uncertain.
   */
  expectAllOnce(what: string, options?: CountOptions): Promise<void>;
}

export interface CountOptions {
  /** A gateway that resumes a turn after a crash shows its model other words, so the reply is another one. */
  readonly resumed?: boolean;
  /** The gateway could not reach its model for a while, and ends a turn with an error then. */
  readonly modelAway?: boolean;
}

/** More than any text here has, in its frame. */
const TEXT_CHARS = 4000;
const SETTLE_MS = 600_000;
const OPEN = new Set(['queued', 'accepted']);
/** The gateway's mark on a user row that a turn of ours brought: the key of that turn. */
const OUR_ROW = /^[0-9a-f]{64}(\.\d)?:user$/;

const DIRECTIONS: readonly (readonly [from: PairedName, to: PairedName])[] = [
  ['a', 'b'],
  ['b', 'a'],
];

/** The user rows of ours in the session that `peer` writes to, as text. */
async function deliveredRows(docker: Docker, stack: Stack, peer: Stack): Promise<readonly string[]> {
  const rows = await historyOf(docker, stack, sessionFor(peer), TEXT_CHARS);
  return rows
    .filter(({ role, idempotencyKey }) => role === 'user' && OUR_ROW.test(idempotencyKey ?? ''))
    .map(({ content }) => JSON.stringify(content));
}

const isIn = (row: string, text: string): boolean => row.includes(`>>>\\n${text}\\n<<<`);

async function outboxOf(
  docker: Docker,
  stack: Stack,
  texts: readonly string[],
): Promise<readonly OutboxRow[]> {
  const given = new Set(texts);
  const rows = await listMessages(docker, stack);
  return rows.filter(({ direction, text }) => direction === 'outbound' && given.has(text));
}

async function inboxOf(docker: Docker, stack: Stack): Promise<readonly InboxRow[]> {
  const rows = await listMessages(docker, stack);
  return rows
    .filter(({ direction }) => direction === 'inbound')
    .map(({ id, text, state }) => ({ messageId: id, text, state }));
}

/** Gives a stack its texts; those that a killed proxy did not take are given to the next one. */
async function submit(docker: Docker, from: Stack, to: Stack, texts: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const read = () => outboxOf(docker, from, texts);
    const known = await eventually(`the outbox of ${from.name} can be read`, read, () => true);
    const left = texts.filter((text) => !known.some((row) => row.text === text));
    // A message of another part that says the same would be counted as this one.
    if (tries === 0 && left.length < texts.length)
      throw new Error(`${from.name} has sent "${texts[0]}" before`);
    if (left.length === 0) return;
    await sendTexts(docker, from, { peer: to.name, alias: 'handoff', texts: left });
    await whenAnswering(from);
  }
  throw new Error(`${from.name} does not take its messages`);
}

export function createTraffic({ docker, stacks, model }: Lab): Traffic {
  const texts: Record<PairedName, string[]> = { a: [], b: [] };

  const settledOf = async (name: PairedName): Promise<void> => {
    const states = async () => (await outboxOf(docker, stacks[name], texts[name])).map(({ state }) => state);
    const isOver = (all: readonly string[]) =>
      all.length === texts[name].length && all.every((state) => !OPEN.has(state));
    await eventually(`all messages of ${name} are over`, states, isOver, SETTLE_MS, 500);
  };

  const settled = async (): Promise<void> => {
    await Promise.all([settledOf('a'), settledOf('b')]);
  };

  const count = async (
    from: PairedName,
    to: PairedName,
    { resumed = false, modelAway = false }: CountOptions,
  ) => {
    const rows = await deliveredRows(docker, stacks[to], stacks[from]);
    return countMessages({
      texts: texts[from],
      outbox: await outboxOf(docker, stacks[from], texts[from]),
      inbox: await inboxOf(docker, stacks[to]),
      delivered: ({ text }) => rows.filter((row) => isIn(row, text)).length,
      mayFail: modelAway,
      isReplyTo: (text, reply) => (resumed ? reply !== null : reply === answerTo(to, text)),
    });
  };

  const turnsOf = async (name: PairedName): Promise<number> => {
    const sent = texts[name === 'a' ? 'b' : 'a'];
    const records = await model.records(name);
    return records.filter(({ asked }) => sent.some((text) => asked.includes(text))).length;
  };

  return {
    settled,
    send: async (what, { each, seconds = 0 }) => {
      const wait = seconds === 0 ? '' : `wait ${seconds} seconds: `;
      const one = async ([from, to]: (typeof DIRECTIONS)[number]) => {
        const made = Array.from({ length: each }, (_, i) => `${wait}${what}, ${from} to ${to}, ${i + 1}`);
        texts[from].push(...made);
        await submit(docker, stacks[from], stacks[to], made);
      };
      await Promise.all(DIRECTIONS.map(one));
    },
    expectAllOnce: async (what, options = {}) => {
      await settled();
      const counts: MessageCount[] = [];
      for (const [from, to] of DIRECTIONS) counts.push(await count(from, to, options));
      const messages = texts.a.length + texts.b.length;
      const [uncertain, failed] = (['uncertain', 'failed'] as const).map((state) =>
        counts.reduce((sum, one) => sum + one[state], 0),
      );
      const calls = (await turnsOf('a')) + (await turnsOf('b'));
      printSize(
        `fault ${what}`,
        `${messages} messages, ${uncertain} uncertain, ${failed} failed, ${calls} calls of the model`,
      );
      expect(counts.flatMap(({ problems }) => problems)).toEqual([]);
      expect({ what, uncertain }).toEqual({ what, uncertain: 0 });
    },
  };
}
