import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../src/lab/eventually.ts';
import type { Stack } from '../../../src/lab/stack.ts';
import { roundText, teachToAnswer, unteach } from '../../harness/answering-agent.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const CONVERSATION = 'ping-pong';
/** Rounds 0 to 4 have hops 0 to 4 and are delivered; the next one waits for a person. */
const DELIVERED = 5;
const ROUNDS_MS = 240_000;

interface Held {
  readonly id: string;
  readonly direction: string;
  readonly place: string;
  readonly reason: string;
  readonly excerpt: string;
}

interface Listed {
  readonly direction: string;
  readonly conversation: string;
  readonly state: string;
  readonly text: string;
}

const roundIn = (text: string): number => Number(/^round (\d+)/.exec(text)?.[1] ?? Number.NaN);

async function heldAt(stack: Stack): Promise<readonly Held[]> {
  const { held } = await stack.ask<{ held: readonly Held[] }>(['held', 'list']);
  return held.filter(({ excerpt }) => !Number.isNaN(roundIn(excerpt)));
}

/** Rounds of the chain that a stack's gateway has had and answered. */
async function answeredBy(stack: Stack): Promise<readonly number[]> {
  const { messages } = await stack.ask<{ messages: readonly Listed[] }>(['messages', '--limit', '100']);
  return messages
    .filter(({ direction, conversation }) => direction === 'inbound' && conversation === CONVERSATION)
    .filter(({ state }) => state === 'replied')
    .map(({ text }) => roundIn(text))
    .sort((one, other) => one - other);
}

export function pingPong(ground: WithGround): void {
  timedPart('ping-pong', () => {
    const both = () => Object.values(ground().lab.stacks);
    beforeAll(async () => {
      const { docker, stacks } = ground().lab;
      await teachToAnswer(docker, stacks.a, 'b');
      await teachToAnswer(docker, stacks.b, 'a');
    });
    afterAll(async () => {
      for (const stack of both()) {
        for (const { id } of (await heldAt(stack)).filter(({ place }) => place === 'here'))
          await stack.ask(['held', 'refuse', id]);
        await unteach(ground().lab.docker, stack);
      }
    });

    it(
      'of two agents that answer everything by a new message is stopped at the sixth, and both owners see why',
      async () => {
        const { a, b } = ground().lab.stacks;
        await a.ask(['send', 'b', 'handoff', '--conversation', CONVERSATION], roundText(CONVERSATION, 0));
        await stoppedAt(a, b, DELIVERED);
        await haveAnswered(DELIVERED);
      },
      2 * ROUNDS_MS,
    );

    it(
      'goes on when the receiver lets it, as a chain that begins anew, and is stopped again',
      async () => {
        const { a, b } = ground().lab.stacks;
        const [held] = await heldAt(a);
        await a.ask(['held', 'approve', held?.id ?? '']);
        await stoppedAt(b, a, 2 * DELIVERED);
        await haveAnswered(2 * DELIVERED);
      },
      2 * ROUNDS_MS,
    );

    async function stoppedAt(receiver: Stack, sender: Stack, round: number): Promise<void> {
      const waits = { reason: 'hop-limit', excerpt: expect.stringContaining(`round ${round}:`) as unknown };
      const isThere = (held: readonly Held[]) => held.some(({ excerpt }) => roundIn(excerpt) === round);
      const there = await eventually(`round ${round} is held`, () => heldAt(receiver), isThere, ROUNDS_MS);
      expect(there).toMatchObject([{ ...waits, direction: 'inbound', place: 'here' }]);
      const seen = await eventually('its sender is told', () => heldAt(sender), isThere);
      expect(seen).toMatchObject([{ ...waits, direction: 'outbound', place: 'peer' }]);
    }

    async function haveAnswered(rounds: number): Promise<void> {
      const all = Array.from({ length: rounds }, (_, round) => round);
      const read = async () => (await Promise.all(both().map(answeredBy))).flat();
      const answered = await eventually('all are answered', read, ({ length }) => length >= rounds);
      expect(answered.sort((one, other) => one - other)).toEqual(all);
    }
  });
}
