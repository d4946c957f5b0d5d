import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../src/lab/eventually.ts';
import { send, type MessageView } from '../../../src/lab/exchange.ts';
import { callGatewayIn } from '../../../src/lab/gateway-calls.ts';
import type { Asker } from '../../../src/lab/model.ts';
import { askAgentIn, useTool } from '../../../src/lab/patterns.ts';
import { answerTo, type ModelCall } from '../../../src/lab/scripted-model.ts';
import { STOCK_PEER, whenStockServes, type StockOpenClaw } from '../../../src/lab/stock-openclaw.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

/** The conversation of all that it sends, and its session for that. */
const CONVERSATION = 'ctx-oc-alice';
const ITS_SESSION = `agent:main:a2a:default:direct:alice:${CONVERSATION}`;
/** What its gateway says for an agent that says nothing, after it has asked that a second time. */
const FOR_A_SILENT_AGENT = "⚠️ Agent couldn't generate a response. Please try again.";

const TO_IT = 'What is left from last night?';
const FROM_IT = 'Is the build green again?';
const SILENCE = 'NO_REPLY please, not a word';
const BY_ITS_TOOL = 'Said by the tool, and not as an answer.';

/** What makes its agent write: OpenClaw shows a model its `message` tool by way of one that calls tools. */
const writeToAlice = (message: string) =>
  useTool('message', { action: 'send', target: 'a2a:alice', message });

interface Listed extends MessageView {
  readonly direction: string;
  readonly conversation: string;
  readonly inReplyTo: string | null;
  readonly text: string;
  readonly attempts: number | null;
}

/** A real OpenClaw with nothing but its own A2A channel, on its own tailnet node, set up as docs/stock-peers.md says. */
export function stockPeer(ground: WithGround): void {
  timedPart('a stock peer', () => {
    let stock: StockOpenClaw | null = null;
    beforeAll(async () => {
      stock = await ground().stock;
      ground().secretsMade.push(...itself().secrets);
      await whenStockServes(ground().lab, itself());
    });
    afterAll(async () => {
      if (stock === null) return;
      const { docker, stacks } = ground().lab;
      await stacks.a.ask(['peers', 'revoke', STOCK_PEER, '--yes']);
      await docker.getContainer(stock.container).kill();
    });

    it('answers what it is sent, and is sent what its agent’s message tool is answered, each once', async () => {
      const { docker, stacks } = ground().lab;
      const [message, said] = await Promise.all([
        send(stacks.a, STOCK_PEER, 'inbox', TO_IT),
        askAgentIn(docker, itself().container, writeToAlice(FROM_IT)),
      ]);
      const asked = await callsOf('stock', TO_IT);
      expect(asked).toHaveLength(1);
      expect(message).toMatchObject({ state: 'answered', reply: asked[0]?.answer });

      expect(said).toMatch(/was told by the tool[\s\S]*"deliveryStatus": "sent"/);
      const reply = answerTo('a', FROM_IT);
      await eventually('it is shown the reply', () => callsOf('stock', reply), isSome);
      const shown = (await callsOf('a', FROM_IT)).map((call) => call.asked);
      expect(shown).toEqual([expect.stringContaining(`Message from the peer agent "${STOCK_PEER}"`)]);
      expect(await itsHistory()).toContain(reply);
      const isReceived = ([newest]: readonly Listed[]) => newest?.state === 'answered';
      const [sentBack, received] = await eventually('there is a receipt', listed, isReceived);
      expect(received).toMatchObject({ direction: 'inbound', state: 'replied', text: FROM_IT });
      expect(sentBack).toMatchObject({ direction: 'outbound', text: reply, inReplyTo: received?.taskId });
    });

    it('refuses what begins with a slash, and has words of its own for an agent that is silent', async () => {
      const { a } = ground().lab.stacks;
      const command = await send(a, STOCK_PEER, 'inbox', '/status');
      expect(command).toMatchObject({ state: 'refused', detail: 'the peer rejected the task' });
      const silent = await send(a, STOCK_PEER, 'inbox', SILENCE);
      expect(silent).toMatchObject({ state: 'answered', reply: FOR_A_SILENT_AGENT });
      expect(await callsOf('stock', SILENCE)).toHaveLength(2);
    });

    it('leaves open what its agent answers by its tool alone, until it has forgotten its tasks', async () => {
      const words = `${writeToAlice(BY_ITS_TOOL)} and then ${SILENCE}`;
      const { id } = await ground().lab.stacks.a.ask<MessageView>(['send', STOCK_PEER, 'inbox'], words);
      const reply = answerTo('a', BY_ITS_TOOL);
      await eventually('it is shown the reply', () => callsOf('stock', reply), isSome);
      const { attempts } = await shownAs(id);
      const asksOn = (one: Listed) => (one.attempts ?? 0) > (attempts ?? 0) + 1;
      const open = await eventually('it is asked for its reply', () => shownAs(id), asksOn);
      expect(open.state).toBe('accepted');
      await startItsChannelAnew();
      const isOver = ({ state }: Listed) => state !== 'accepted';
      const over = await eventually('it has forgotten the task', () => shownAs(id), isOver);
      expect(over.state).toBe('uncertain');
      expect(over.detail).toContain('forgotten');
    });

    it('was shown everything once, and so was the agent of ours', async () => {
      for (const text of [FROM_IT, BY_ITS_TOOL]) {
        expect(await callsOf('a', text)).toHaveLength(1);
        expect(await callsOf('stock', answerTo('a', text))).toHaveLength(1);
      }
      expect(await callsOf('stock', TO_IT)).toHaveLength(1);
    });

    function itself(): StockOpenClaw {
      if (stock === null) throw new Error('this ground has no stock peer');
      return stock;
    }

    /** As any change of its configuration does, and a restart of the gateway, which takes half a minute. */
    async function startItsChannelAnew(): Promise<void> {
      const { docker } = ground().lab;
      const [config] = await callGatewayIn(docker, itself().container, [['config.get', {}]]);
      const raw = JSON.stringify({ channels: { a2a: { rateLimitPerMinute: 121 } } });
      const patch = { raw, baseHash: (config as { readonly hash: string }).hash };
      await callGatewayIn(docker, itself().container, [['config.patch', patch]]);
    }

    async function itsHistory(): Promise<string> {
      const params = { sessionKey: ITS_SESSION, limit: 20, maxChars: 1000 };
      const answers = await callGatewayIn(ground().lab.docker, itself().container, [
        ['chat.history', params],
      ]);
      return JSON.stringify(answers);
    }
  });

  const isSome = (calls: readonly ModelCall[]) => calls.length > 0;

  /** Of all calls of a gateway's model, those of turns that were begun by a text. */
  async function callsOf(asker: Asker, text: string): Promise<readonly ModelCall[]> {
    return (await ground().lab.model.calls(asker)).filter(({ asked }) => asked.includes(text));
  }

  const shownAs = (id: string) => ground().lab.stacks.a.ask<Listed>(['messages', 'show', id]);

  /** Of the conversation of all that it sends, as a's owner sees it, the newest first. */
  async function listed(): Promise<readonly Listed[]> {
    const { messages } = await ground().lab.stacks.a.ask<{ messages: readonly Listed[] }>(['messages']);
    return messages.filter(({ conversation }) => conversation === CONVERSATION);
  }
}
