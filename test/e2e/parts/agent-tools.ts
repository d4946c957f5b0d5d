import { expect, it } from 'vitest';
import { askAgent, PATTERNS, useMcpTool, type Pattern } from '../../../src/lab/patterns.ts';
import { answerTo } from '../../../src/lab/scripted-model.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

/** What b's model is shown first. */
const SHOWN: Readonly<Record<Pattern, string>> = {
  handoff: 'Handoff from the peer agent "a"',
  insight: 'Insight from the peer agent "a"',
  review: 'Request for a review from the peer agent "a"',
  delegation: 'Delegation from the peer agent "a"',
};

/** A real agent of OpenClaw's with the tools that its gateway was given by one entry, and no token. */
export function agentTools(ground: WithGround): void {
  timedPart('the tools of an agent', () => {
    it.each(Object.keys(PATTERNS) as Pattern[])('bring a %s to a peer, and its reply back', async (kind) => {
      const { docker, model, stacks } = ground().lab;
      const { text, fields } = PATTERNS[kind];
      const since = (await model.calls('b')).length;
      const call = { peer: 'b', alias: 'handoff', kind, text, fields, waitSeconds: 60 };
      const said = await askAgent(docker, stacks.a, useMcpTool('peer_send', call));
      const asked = (await model.calls('b')).slice(since).map((one) => one.asked);
      expect(asked).toEqual([expect.stringContaining(SHOWN[kind])]);
      expect(asked[0]).toContain(text);
      expect(said).toContain('EXTERNAL_UNTRUSTED_CONTENT');
      expect(said).toContain(answerTo('b', text));
    });

    it('refuse what the owner did not allow, and say what to do', async () => {
      const { docker, stacks } = ground().lab;
      const said = await askAgent(
        docker,
        stacks.a,
        useMcpTool('peer_send', { peer: 'carol', text: 'hello' }),
      );
      expect(said).toMatch(/no peer is called \\*"carol/);
      expect(said).toContain('Guess no names');
    });
  });
}
