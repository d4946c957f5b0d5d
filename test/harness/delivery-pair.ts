import { expect, onTestFinished } from 'vitest';
import { answerTo } from '../../src/lab/scripted-model.ts';
import { ROOMY_VARIABLES } from './budgets.ts';
import { readDisk } from './disk.ts';
import { startFakeGateway, type FakeGateway } from './fake-gateway.ts';
import { countMessages, type InboxRow, type MessageCount, type OutboxRow } from './message-count.ts';
import { createMachines, type Machine } from './stack-process.ts';

/** What would be waited for here, or held: a peer may send 30 a minute, and a pair has 20 turns an hour. */
export const PAIR_LIMITS = {
  ...ROOMY_VARIABLES,
  AGENT_PEER_SENDS_PER_MINUTE: '3000',
  AGENT_PEER_TOTAL_SENDS_PER_MINUTE: '3000',
  AGENT_PEER_POLLS_PER_MINUTE: '3000',
};
const SESSION = 'agent:main:peer-alice';
const OUTBOX = 'SELECT id, text, state, reply, detail FROM outbox ORDER BY seq';
const INBOX = 'SELECT message_id AS messageId, text, state FROM inbox ORDER BY seq';

/** Two proxies as processes of their own, peers of each other; alice sends, and bob's gateway is a fake. */
export interface DeliveryPair {
  readonly alice: Machine;
  readonly bob: Machine;
  /** A node of the same tailnet that is nobody's peer; its proxy does not run. */
  readonly stranger: Machine;
  readonly gateway: FakeGateway;
  /** Gives alice these texts, in so many conversations. Answers those that she did not say to have taken. */
  submit(texts: readonly string[], conversations: number): Promise<readonly string[]>;
  /** Waits until every message of alice's is over. */
  settled(messages: number): Promise<void>;
  count(texts: readonly string[]): MessageCount;
}

async function mustPost(machine: Machine, path: string, body?: object): Promise<Record<string, unknown>> {
  const { status, text, json } = await machine.post(path, body);
  if (status >= 300) throw new Error(`${machine.name}: POST ${path} is answered ${status} ${text}`);
  return json;
}

async function pairGateway(bob: Machine, gateway: FakeGateway): Promise<void> {
  await mustPost(bob, '/gateway/pair', { token: gateway.sharedToken });
  const read = async () => ((await bob.api('/status')).json['gateway'] as { kind: string }).kind;
  await expect.poll(read, { timeout: 15_000 }).toBe('ready');
}

async function makePeers(alice: Machine, bob: Machine): Promise<void> {
  const { code } = await mustPost(bob, '/invites', { peer: 'alice', confirmed: true });
  await mustPost(alice, '/invites/accept', { code, confirmed: true });
  const states = async () => {
    const [ofBob, ofAlice] = await Promise.all([alice.api('/peers/bob'), bob.api('/peers/alice')]);
    return [ofBob, ofAlice].map(({ json }) => (json['peer'] as { state?: string } | undefined)?.state);
  };
  await expect.poll(states, { timeout: 30_000 }).toEqual(['active', 'active']);
}

/** A session shows each text of a peer in our frame, between markers. */
const times = (delivered: readonly string[], text: string): number =>
  delivered.filter((framed) => framed.includes(`>>>\n${text}\n<<<`)).length;

export async function createDeliveryPair(): Promise<DeliveryPair> {
  const gateway = await startFakeGateway({ autoApprove: true, reply: (text) => answerTo('b', text) });
  onTestFinished(() => gateway.crash());
  const [alice, bob, stranger] = await createMachines(['alice', 'bob', 'stranger'], (name) => ({
    ...PAIR_LIMITS,
    ...(name === 'bob' ? { AGENT_PEER_GATEWAY_URL: gateway.url } : {}),
  }));
  if (alice === undefined || bob === undefined || stranger === undefined) throw new Error('no machines');
  await Promise.all([alice.start(), bob.start()]);
  await pairGateway(bob, gateway);
  await makePeers(alice, bob);

  const taken = async (text: string, conversation: string): Promise<boolean> => {
    try {
      const { status } = await alice.post('/messages', { peer: 'bob', alias: 'inbox', text, conversation });
      return status === 202;
    } catch {
      return false;
    }
  };
  return {
    alice,
    bob,
    stranger,
    gateway,
    submit: async (texts, conversations) => {
      const left: string[] = [];
      for (const [index, text] of texts.entries())
        if (!(await taken(text, `conversation-${index % conversations}`))) left.push(text);
      return left;
    },
    settled: async (messages) => {
      const states = async () => {
        const { json } = await alice.api('/messages?limit=200');
        const listed = json['messages'] as { direction: string; state: string }[];
        return listed.filter(({ direction }) => direction === 'outbound').map(({ state }) => state);
      };
      const over = async () =>
        (await states()).filter((state) => state !== 'queued' && state !== 'accepted').length;
      await expect.poll(over, { timeout: 60_000, interval: 100 }).toBe(messages);
    },
    count: (texts) =>
      countMessages({
        texts,
        outbox: readDisk(alice.dataDir, OUTBOX) as readonly OutboxRow[],
        inbox: readDisk(bob.dataDir, INBOX) as readonly InboxRow[],
        delivered: ({ text }) => times(gateway.delivered(SESSION), text),
        mayFail: false,
        isReplyTo: (text, reply) => reply === answerTo('b', text),
      }),
  };
}
