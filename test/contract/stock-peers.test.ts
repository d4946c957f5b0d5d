/**
 * A whole proxy, alice, and bob, an OpenClaw that has nothing but its own A2A channel: it never asks for a reply, keeps its
 * tasks in memory and takes the same message twice for two. Bob is a fake, made of what the real one was read to do.
 */
import { describe, expect, it } from 'vitest';
import {
  FOR_A_SILENT_AGENT,
  GOING_ON,
  SILENCE,
  WRITTEN_BY_TOOL,
  type Said,
} from '../harness/stock-openclaw.ts';
import { createStockPair, type StockPair } from '../harness/stock-pair.ts';

const WAIT = { timeout: 20_000, interval: 50 };
const CONTEXT = 'ctx-oc-alice';
const states = async (pair: StockPair, direction: 'inbound' | 'outbound') =>
  (await pair.listed(direction)).map(({ state }) => state);

describe('what a stock peer sends', () => {
  it('reaches the session behind its default alias, and the reply comes back as a message in the same conversation', async () => {
    const pair = await createStockPair({ reply: () => 'the build is green again' });
    const taskId = await pair.bob.send('Is the build green?');
    await expect.poll(() => pair.bob.turns, WAIT).toMatchObject([{ text: 'the build is green again' }]);
    expect(pair.bob.turns).toMatchObject([{ contextId: CONTEXT }]);
    expect(pair.gateway.delivered('agent:main:peer-bob')).toEqual([
      expect.stringContaining('Is the build green?'),
    ]);
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['answered']);
    expect(await pair.listed('inbound')).toMatchObject([{ alias: 'inbox', state: 'replied', taskId }]);
    // What bob's agent says to the reply stays there.
    expect(await pair.listed('outbound')).toMatchObject([
      { alias: 'inbox', conversation: CONTEXT, inReplyTo: taskId, reply: null },
    ]);
    const { json } = await pair.alice.api(`/messages/export?conversation=${CONTEXT}`);
    expect(json['messages']).toMatchObject([{ taskId }, { inReplyTo: taskId }]);
  }, 60_000);

  it('is answered with nothing when the agent has nothing to say, and by no text that its channel takes for a command', async () => {
    const pair = await createStockPair({
      reply: (text) => (text.includes('quiet') ? 'NO_REPLY' : '/etc/hosts is wrong'),
    });
    await pair.bob.send('quiet, please');
    await pair.bob.send('and now?');
    await expect
      .poll(() => pair.bob.turns.map(({ text }) => text), WAIT)
      .toEqual(['Reply: /etc/hosts is wrong']);
    expect(await states(pair, 'inbound')).toEqual(['replied', 'replied']);
  }, 60_000);
});

describe('a reply to a stock peer', () => {
  it('that a person has to look at goes by their yes, and not before', async () => {
    const pair = await createStockPair();
    const grant = { peer: 'bob', alias: 'inbox', sessionKey: 'agent:main:peer-bob', hold: 'outbound' };
    await pair.alice.post('/aliases', grant);
    const taskId = await pair.bob.send('May I?');
    await expect.poll(() => states(pair, 'inbound'), WAIT).toEqual(['reply-held']);
    expect(await pair.listed('outbound')).toEqual([]);
    await pair.alice.post(`/held/${taskId}/approve`);
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['answered']);
    expect(pair.bob.turns).toHaveLength(1);
  }, 60_000);

  it('that looks like a secret goes by their yes, and all else at once', async () => {
    const token = `ghp_${'Ab1'.repeat(12)}`;
    const pair = await createStockPair({
      reply: (text) => (text.includes('token') ? `It is ${token}` : 'fine'),
    });
    await pair.alice.post('/grants', { direction: 'outbound', peer: 'bob', alias: 'any', hold: 'secrets' });
    const taskId = await pair.bob.send('Paste your token');
    await expect.poll(() => states(pair, 'inbound'), WAIT).toEqual(['reply-held']);
    await pair.bob.send('How are you?');
    await expect.poll(() => pair.bob.turns.map(({ text }) => text), WAIT).toEqual(['fine']);
    await pair.alice.post(`/held/${taskId}/approve`);
    await expect.poll(() => pair.bob.turns.map(({ text }) => text), WAIT).toEqual(['fine', `It is ${token}`]);
  }, 60_000);

  it('waits for the owner when nothing allows to write there, and goes by their yes', async () => {
    const pair = await createStockPair();
    await pair.alice.post('/grants/remove', { peer: 'bob', alias: 'any', direction: 'outbound' });
    await pair.bob.send('Anybody there?');
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['held']);
    const { json } = await pair.alice.api('/held');
    const [held] = json['held'] as { id: string; direction: string; peer: string }[];
    expect(held).toMatchObject({ direction: 'outbound', peer: 'bob' });
    expect(pair.bob.turns).toEqual([]);
    await pair.alice.post(`/held/${held?.id}/approve`);
    await expect.poll(() => pair.bob.turns, WAIT).toHaveLength(1);
  }, 60_000);

  it('waits while its gateway is away, and comes once when it is back', async () => {
    const pair = await createStockPair({ reply: () => 'here it is' });
    await pair.bob.stop();
    await pair.bob.send('I ask, and go down');
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['queued']);
    await pair.bob.start();
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['answered']);
    expect(pair.bob.turns.map(({ text }) => text)).toEqual(['here it is']);
  }, 60_000);

  it.each([
    ['the turn is over and nothing of its end is on disk', 'turn-ended', 'answered', 1],
    ['the reply is on disk', 'turn-stored', 'answered', 1],
    ['it is about to be sent', 'offer-begun', 'answered', 1],
    ['it has left and nobody knows whether it came', 'offer-sent', 'uncertain', undefined],
  ])(
    'is neither lost nor sent twice when the proxy is killed while %s',
    async (_when, point, state, turns) => {
      const pair = await createStockPair({ reply: () => 'once' });
      await pair.alice.kill();
      await pair.alice.start(point);
      await pair.bob.send('Say it once');
      await pair.alice.died();
      await pair.alice.start();
      await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual([state]);
      expect(pair.bob.turns.length).toBeLessThanOrEqual(1);
      if (turns !== undefined) expect(pair.bob.turns).toHaveLength(turns);
      await pair.alice.kill();
      await pair.alice.start();
      expect(await states(pair, 'outbound')).toEqual([state]);
      expect(pair.bob.turns.length).toBeLessThanOrEqual(1);
    },
    90_000,
  );
});

describe('what is sent to a stock peer', () => {
  it('comes once, and its reply is fetched from the task', async () => {
    const answer = Promise.withResolvers<string>();
    const pair = await createStockPair({ agent: () => answer.promise });
    await pair.alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'How are you?' });
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['accepted']);
    answer.resolve('Well, thanks.');
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['answered']);
    expect(await pair.listed('outbound')).toMatchObject([{ reply: 'Well, thanks.', inReplyTo: null }]);
    expect(pair.bob.turns.map(({ text }) => text)).toEqual(['How are you?']);
    expect(pair.bob.methods.filter((method) => method === 'SendMessage')).toHaveLength(1);
  }, 60_000);

  it('goes on over a restart of the proxy', async () => {
    const answer = Promise.withResolvers<string>();
    const pair = await createStockPair({ agent: () => answer.promise });
    await pair.alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'Take your time' });
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['accepted']);
    await pair.alice.kill();
    await pair.alice.start();
    answer.resolve('Done.');
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['answered']);
    expect(pair.bob.turns).toHaveLength(1);
  }, 60_000);

  it('is answered by the words of its gateway when its agent has none', async () => {
    const pair = await createStockPair({ agent: () => SILENCE });
    await pair.alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'Say nothing' });
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['answered']);
    expect(await pair.listed('outbound')).toMatchObject([{ reply: FOR_A_SILENT_AGENT }]);
  }, 60_000);

  it('stays open when its agent writes a message of its own in place of an answer', async () => {
    const bobs: { send?: (text: string) => Promise<string> } = {};
    const agent = async ({ text }: { readonly text: string }): Promise<Said> => {
      if (!text.startsWith('Call')) return 'thanks';
      await bobs.send?.('here I am');
      return WRITTEN_BY_TOOL;
    };
    const pair = await createStockPair({ agent });
    bobs.send = (text) => pair.bob.send(text);
    await pair.alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'Call me back' });
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['accepted', 'answered']);
    expect(await pair.listed('inbound')).toMatchObject([{ text: 'here I am', state: 'replied' }]);
  }, 60_000);

  it('is uncertain when its gateway has forgotten the task', async () => {
    const pair = await createStockPair({ agent: () => new Promise<Said>(() => undefined) });
    await pair.alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'Lost on the way' });
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['accepted']);
    await pair.bob.stop();
    await pair.bob.start();
    await expect.poll(async () => (await states(pair, 'outbound'))[0], WAIT).toBe('uncertain');
    expect((await pair.listed('outbound'))[0]?.detail).toContain('has forgotten it');
    expect((await pair.listed('inbound')).map(({ text }) => text)).toEqual([GOING_ON]);
  }, 60_000);

  it('has its answer come as a message when the turn goes on after a restart there', async () => {
    const ended = Promise.withResolvers<string>();
    const pair = await createStockPair({ agent: () => ended.promise });
    await pair.alice.post('/messages', { peer: 'bob', alias: 'inbox', text: 'Take your time' });
    await expect.poll(() => states(pair, 'outbound'), WAIT).toEqual(['accepted']);
    await pair.bob.stop();
    await pair.bob.start();
    ended.resolve('Done, in spite of all.');
    const told = async () => (await pair.listed('inbound')).map(({ text }) => text);
    await expect.poll(told, WAIT).toEqual([GOING_ON, 'Done, in spite of all.']);
    await expect.poll(async () => (await states(pair, 'outbound'))[0], WAIT).toBe('uncertain');
  }, 60_000);
});

describe('two agents that answer everything with a new message', () => {
  /** Messages of bob's that alice's agent is shown: of hops 0, 2 and 4. */
  const SHOWN = 3;

  it('are stopped by the guard at the fourth message of the stock one, and alice’s owner lets it go on', async () => {
    const bobs: { send?: (text: string) => Promise<string> } = {};
    const pair = await createStockPair({
      reply: () => 'and what do you say to that?',
      agent: async () => {
        await bobs.send?.('and you?');
        return 'I asked back';
      },
    });
    bobs.send = (text) => pair.bob.send(text);
    await pair.bob.send('Shall we begin?');
    await expect
      .poll(() => states(pair, 'inbound'), WAIT)
      .toEqual([...Array<string>(SHOWN).fill('replied'), 'held']);
    expect(pair.gateway.delivered('agent:main:peer-bob')).toHaveLength(SHOWN);
    const { json } = await pair.alice.api('/held');
    const [held] = json['held'] as { id: string; reason: string }[];
    expect(held).toMatchObject({ reason: 'hop-limit' });
    await pair.alice.post(`/held/${held?.id}/approve`);
    await expect.poll(() => pair.gateway.delivered('agent:main:peer-bob').length, WAIT).toBe(2 * SHOWN);
    await expect.poll(async () => (await states(pair, 'inbound')).at(-1), WAIT).toBe('held');
  }, 90_000);
});
