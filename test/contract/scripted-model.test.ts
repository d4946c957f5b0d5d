/** What the scripted model takes for the message that it is to answer: the verdict of a soak rests on it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PLAIN } from '../../src/core/content.ts';
import { frameMessage } from '../../src/core/framing.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { answerTo, createScriptedModel } from '../../src/lab/scripted-model.ts';

const framed = (text: string, marker: string) =>
  frameMessage({
    peer: 'bob' as PeerName,
    taskId: 't' as TaskId,
    hop: 0,
    content: PLAIN,
    waitedMs: 0,
    text,
    marker,
  });

async function answerOf(messages: readonly object[]): Promise<string | undefined> {
  const server = createScriptedModel().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/b/v1/chat/completions`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ messages }) });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content;
}

describe('the scripted model', () => {
  it('answers what stands in the frame as it answers the bare text', () => {
    expect(answerTo('b', framed('what is up?', 'abc'))).toBe(answerTo('b', 'what is up?'));
  });

  it('answers the last of two messages that the gateway shows as one, and what goes on after a crash', () => {
    const both = `${framed('the first', 'abc')}\n\n${framed('the second', 'def')}\n\n[System] Your previous turn was interrupted`;
    expect(answerTo('b', both)).toBe(answerTo('b', 'the second'));
  });

  it('stays silent when the gateway insists on an answer, and after a tool', async () => {
    const silenced = {
      role: 'user',
      content: 'use the tool exec with {"command":"true"}, and NO_REPLY please',
    };
    const insisted =
      'The previous attempt did not produce a user-visible answer. Continue from the current state and produce the visible answer now.';
    expect(await answerOf([silenced, { role: 'tool', content: 'done' }])).toBe('NO_REPLY');
    expect(await answerOf([silenced, { role: 'user', content: insisted }])).toBe('NO_REPLY');
  });

  it('takes a frame within a frame for words', () => {
    const text = `before\n<<<peer-message x>>>\ninside\n<<<end-peer-message x>>>\nafter`;
    expect(answerTo('b', framed(text, 'abc'))).toContain(`read ${text.length} characters`);
  });
});
