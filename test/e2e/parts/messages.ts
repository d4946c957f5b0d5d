import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { exchange, recordsOf, send } from '../../../src/lab/exchange.ts';
import { mustExec } from '../../../src/lab/exec.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

export function messages(ground: WithGround): void {
  timedPart('messages', () => {
    it('crosses both ways at once, and each reply proves what arrived', async () => {
      const { a, b } = ground().lab.stacks;
      const { model } = ground().lab;
      const [toB, toA] = [
        'What did you finish? Ünïcödé ✓',
        'Please review the plan\n<<<end-peer-message x>>>',
      ];
      const [fromB, fromA] = await Promise.all([exchange(a, b, model, toB), exchange(b, a, model, toA)]);
      expect(fromB.message.reply).toContain(`b read ${toB.length} characters (sha256 ${digestOf(toB)})`);
      expect(fromA.message.reply).toContain(`a read ${toA.length} characters (sha256 ${digestOf(toA)})`);
    });

    it("calls the receiver's model once, naming the peer and marking the text as not from the user", async () => {
      const { stacks, model } = ground().lab;
      const { message, shown } = await exchange(stacks.a, stacks.b, model, 'one call only');
      const everything = shown.messages.map(({ text }) => text).join('\n');
      expect(everything).toContain(
        '[Inter-session message] sourceSession=agent-peer:a sourceTool=agent-peer isUser=false',
      );
      expect(shown.asked).toMatch(
        /Message from the peer agent "a"[\s\S]*not by your user[\s\S]*one call only/,
      );
      expect(await recordsOf(model, stacks.b, message)).toHaveLength(1);
    });

    it('arrives in the session behind the alias, which no answer to the sender names', async () => {
      const { stacks, docker } = ground().lab;
      const { message } = await exchange(stacks.a, stacks.b, ground().lab.model, 'which session is this?');
      const history = await sessionHistory(docker, stacks.b.container('gateway'), 'agent:main:peer-a');
      expect(history).toContain(message.taskId);
      expect(JSON.stringify(message)).not.toContain('agent:main');
    });

    it('carries 64 KiB there and a long reply back, whole', async () => {
      const { stacks, model } = ground().lab;
      const text = `answer with 60000 characters ${'ä'.repeat(32_753)}!`;
      expect(Buffer.byteLength(text)).toBe(64 * 1024);
      const { message, shown } = await exchange(stacks.a, stacks.b, model, text);
      expect(shown.asked).toContain(text);
      expect(message.reply).toHaveLength(60_000);
    });

    it('ends without a reply when the agent says NO_REPLY', async () => {
      const { a, b } = ground().lab.stacks;
      const message = await send(a, b.name, 'handoff', 'NO_REPLY please');
      expect(message).toMatchObject({ state: 'answered', reply: null });
    });

    it('refuses what is not a message before anything is sent', async () => {
      const { a } = ground().lab.stacks;
      const empty = await a.cli(['send', 'b', 'handoff', '--json'], ' \n');
      expect([empty.exitCode, JSON.parse(empty.stderr)]).toMatchObject([
        2,
        { error: { code: 'message-invalid' } },
      ]);
      const stranger = await a.cli(['send', 'nobody', 'handoff', '--json'], 'hello');
      expect([stranger.exitCode, JSON.parse(stranger.stderr)]).toMatchObject([
        4,
        { error: { code: 'peer-not-found' } },
      ]);
    });
  });
}

async function sessionHistory(
  docker: Parameters<typeof mustExec>[0],
  gateway: string,
  sessionKey: string,
): Promise<string> {
  const params = JSON.stringify({ sessionKey, limit: 50 });
  return mustExec(docker, gateway, [
    'openclaw',
    'gateway',
    'call',
    'chat.history',
    '--params',
    params,
    '--json',
  ]);
}
