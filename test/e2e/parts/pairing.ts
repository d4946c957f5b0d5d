import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../../../src/lab/eventually.ts';
import { exchange } from '../../../src/lab/exchange.ts';
import { pairPeers, statusOf } from '../../../src/lab/pairing.ts';
import { requestFrom } from '../../../src/lab/probes.ts';
import { stolenTokenRequest } from '../../../src/lab/refusals.ts';
import { tokensOf } from '../../../src/lab/unseal.ts';
import type { Stack } from '../../../src/lab/stack.ts';
import type { WithGround } from '../../harness/ground.ts';
import { printSize } from '../../harness/print-size.ts';
import { holdRequest, readMany, sendMany } from '../../harness/proxy-scripts.ts';
import { timedPart } from '../../harness/timed-part.ts';

const EACH_WAY = 250;

interface InboundMessage {
  readonly direction: string;
  readonly id: string;
  readonly state: string;
}

/**
 * The pairing that all other parts stand on was made by one code. Here its tokens are tried where they must not work and
 * are changed under load, and it is ended and made anew.
 */
export function pairing(ground: WithGround): void {
  timedPart('pairing', () => {
    it('refuses the token of a peer from a third node as it refuses nonsense, and audits it as node-mismatch', async () => {
      const { lab, stranger } = ground();
      const { a, b } = lab.stacks;
      const { node } = await statusOf(a);
      const token = (await tokensOf(lab.docker, b))['a'] ?? '';
      expect(token).toMatch(/^apt_/);
      const ask = (bearer: string) =>
        requestFrom(lab.docker, stranger.container, stolenTokenRequest(node.ipv4, bearer));
      const [stolen, nonsense] = [await ask(token), await ask(`apt_${'n'.repeat(43)}`)];
      expect(stolen.status).toBe(401);
      expect(stolen).toEqual(nonsense);
      const { lines } = await a.ask<{ lines: readonly object[] }>([
        'audit',
        '--reason',
        'node-mismatch',
        '--limit',
        '1',
      ]);
      expect(lines).toMatchObject([{ peer: 'b', reason: 'node-mismatch', allowed: false }]);
    });

    it('loses and doubles none of 500 messages while all tokens are changed', async () => {
      const { docker, stacks } = ground().lab;
      const { a, b } = stacks;
      const before = { a: await tokensOf(docker, a), b: await tokensOf(docker, b) };
      remember(before.a, before.b);
      const load = { alias: 'handoff', count: EACH_WAY, everyMs: 20 };
      const sending = Promise.all([
        sendMany(docker, a, { ...load, peer: 'b' }),
        sendMany(docker, b, { ...load, peer: 'a' }),
      ]);
      await sleep(2_000);
      expect(await a.ask(['peers', 'rotate', 'b'])).toMatchObject({ rotation: 'complete' });
      const [toB, toA] = await sending;
      await expectTaken(a, b, toB);
      await expectTaken(b, a, toA);
      const after = { a: await tokensOf(docker, a), b: await tokensOf(docker, b) };
      remember(after.a, after.b);
      expect([after.a['b'], after.b['a']]).not.toEqual([before.a['b'], before.b['a']]);
      expect(after.a['b']).not.toBe(before.a['b']);
      expect(after.b['a']).not.toBe(before.b['a']);
      printSize(
        'real rotation',
        `${2 * EACH_WAY} messages between two real stacks, tokens changed among them`,
      );
    });

    it('cuts what a revoked peer holds within a second, ends what waits, and starts no more of its turns', async () => {
      const { docker, stacks, model } = ground().lab;
      const { a, b } = stacks;
      const { node } = await statusOf(b);
      const token = (await tokensOf(docker, a))['b'] ?? '';
      const messageId = `held-${Date.now()}`;
      const held = holdRequest(docker, a, {
        ipv4: node.ipv4,
        token,
        alias: 'handoff',
        messageId,
        text: 'hold me',
      });
      await eventually(
        'b has the held message',
        () => inboundAt(b),
        (all) => all.some(({ id }) => id === messageId),
      );
      const revoked = await b.ask<{ ended: { inbound: number } }>(['peers', 'revoke', 'a', '--yes']);
      const answer = await held;
      const revokedAt = await logTime(b, 'peer-revoked');
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('peer-revoked');
      expect(answer.at - revokedAt).toBeLessThan(1_000);
      expect(revoked.ended.inbound).toBeGreaterThan(0);
      const states = new Set((await inboundAt(b)).map(({ state }) => state));
      expect([...states].sort()).not.toContain('accepted');
      await eventually(
        'no turn of a runs at b',
        () => inboundAt(b),
        (all) => all.every(({ state }) => state !== 'running'),
      );
      const asked = (await model.records('b')).length;
      const again = await a.cli(['send', 'b', 'handoff', '--wait', '20', '--json'], 'are you still there?');
      expect(again.stdout).toContain('peer-revoked');
      expect(await model.records('b')).toHaveLength(asked);
    });

    it('is made anew by another code, in both directions, without what was granted before', async () => {
      const { docker, stacks, model } = ground().lab;
      const { a, b } = stacks;
      await a.ask(['peers', 'revoke', 'b', '--yes']);
      const made = await pairPeers(docker, a, b);
      remember(made.tokens, { code: made.code });
      const { grants } = await b.ask<{ grants: readonly { alias: string; direction: string }[] }>([
        'grants',
        'list',
        'a',
      ]);
      expect(grants.map(({ direction, alias }) => `${direction} ${alias}`)).toEqual([
        'inbound handoff',
        'outbound any',
      ]);
      await Promise.all([
        exchange(a, b, model, 'paired anew, a to b'),
        exchange(b, a, model, 'paired anew, b to a'),
      ]);
    });
  });

  function remember(...secrets: readonly Readonly<Record<string, string>>[]): void {
    for (const some of secrets)
      for (const [name, value] of Object.entries(some))
        ground().secretsMade.push([`pairing: ${name}`, value]);
  }

  const inboundAt = async (stack: Stack): Promise<readonly InboundMessage[]> => {
    const { messages } = await stack.ask<{ messages: readonly InboundMessage[] }>([
      'messages',
      '--limit',
      '200',
    ]);
    return messages.filter(({ direction }) => direction === 'inbound');
  };

  /** Every message has a receipt, and the receiver has each of them once: its ids are unique on its disk. */
  async function expectTaken(from: Stack, to: Stack, ids: readonly string[]): Promise<void> {
    const { docker, model } = ground().lab;
    const isOpen = ({ state }: { state: string }) => state === 'queued';
    const sent = await eventually(
      `everything of ${from.name} is on the disk of ${to.name}`,
      () => readMany(docker, from, ids),
      (all) => !all.some(isOpen),
      90_000,
      1_000,
    );
    expect(sent).toHaveLength(EACH_WAY);
    expect(sent.filter(({ state }) => !['accepted', 'answered'].includes(state))).toEqual([]);
    expect(new Set(sent.map(({ taskId }) => taskId)).size).toBe(EACH_WAY);
    const asked = (await model.records(to.name)).map(
      (record) => /NO_REPLY please, number \d+/.exec(record.asked)?.[0],
    );
    const numbers = asked.filter((text) => text !== undefined);
    expect(new Set(numbers).size).toBe(numbers.length);
  }

  async function logTime(stack: Stack, event: string): Promise<number> {
    const lines = (await stack.logs('proxy'))
      .split('\n')
      .filter((line) => line.includes(`"event":"${event}"`));
    const { time } = JSON.parse(lines.at(-1) ?? '{}') as { time: string };
    return Date.parse(time);
  }
}
