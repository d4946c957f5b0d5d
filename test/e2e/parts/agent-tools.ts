import { expect, it } from 'vitest';
import { eventually } from '../../../src/lab/eventually.ts';
import {
  askAgent,
  OWN_SESSION,
  PATTERNS,
  useMcpTool,
  useTool,
  type Pattern,
} from '../../../src/lab/patterns.ts';
import { answerTo, type ModelCall } from '../../../src/lab/scripted-model.ts';
import { historyOf } from '../../../src/lab/session-history.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

/** What b's model is shown first. */
const SHOWN: Readonly<Record<Pattern, string>> = {
  handoff: 'Handoff from the peer agent "a"',
  insight: 'Insight from the peer agent "a"',
  review: 'Request for a review from the peer agent "a"',
  delegation: 'Delegation from the peer agent "a"',
};

const TURN_MS = 60_000;
const BY_PLUGIN = 'By the plugin: the release waits for you.';
const BY_CHANNEL = 'By the channel: the release waits for you.';

/** A real agent of OpenClaw's with the tools that its gateway was given, and no token. */
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

    it('of the plugin hand off, and the answer comes into the session that asked, which can read it again', async () => {
      const { docker, stacks } = ground().lab;
      const send = {
        peer: 'b',
        alias: 'handoff',
        kind: 'handoff',
        text: BY_PLUGIN,
        replyToSession: true,
        waitSeconds: 0,
      };
      const said = await askAgent(docker, stacks.a, useTool('peer_send', send));
      expect(said).toContain('Its reply comes into this session');
      await answeredInOwnSession(BY_PLUGIN, SHOWN.handoff);
      const inbox = await askAgent(docker, stacks.a, useTool('peer_inbox', {}));
      expect(inbox).toContain(answerTo('b', BY_PLUGIN));
    });

    it('of the channel that comes with OpenClaw hand off, and the answer comes into the session that the owner listed', async () => {
      const { docker, stacks } = ground().lab;
      const grant = ['b', 'handoff', '--outbound'];
      await stacks.a.ask(['grants', 'add', ...grant, '--reply-session', OWN_SESSION]);
      const send = { action: 'send', channel: 'a2a', target: 'b', message: BY_CHANNEL };
      await askAgent(docker, stacks.a, useTool('message', send));
      await answeredInOwnSession(BY_CHANNEL, 'Message from the peer agent "a"');
      await stacks.a.ask(['grants', 'remove', ...grant]);
    });

    /** b's agent was shown the text once, and a's own session has b's answer once, as a turn that a's agent was shown. */
    async function answeredInOwnSession(text: string, shownAs: string): Promise<void> {
      const { docker, model, stacks } = ground().lab;
      const answer = answerTo('b', text);
      const replies = async () =>
        (await model.calls('a')).filter(
          ({ asked }) => asked.includes('Reply from the peer agent "b"') && asked.includes(answer),
        );
      const shown = await eventually('a is shown the reply', replies, ({ length }) => length > 0, TURN_MS);
      expect(shown).toHaveLength(1);
      const asked = (await model.calls('b')).filter((one: ModelCall) => one.asked.includes(text));
      expect(asked.map((one) => one.asked)).toEqual([expect.stringContaining(shownAs)]);
      const rows = await historyOf(docker, stacks.a, OWN_SESSION, 4000);
      expect(
        rows.filter(({ role, content }) => role === 'user' && JSON.stringify(content).includes(answer)),
      ).toHaveLength(1);
    }
  });
}
