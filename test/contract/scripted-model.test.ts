/** What the scripted model takes for the message that it is to answer: the verdict of a soak rests on it. */
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../src/core/content.ts';
import { frameMessage } from '../../src/core/framing.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { answerTo } from '../../src/lab/scripted-model.ts';

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

describe('the scripted model', () => {
  it('answers what stands in the frame as it answers the bare text', () => {
    expect(answerTo('b', framed('what is up?', 'abc'))).toBe(answerTo('b', 'what is up?'));
  });

  it('answers the last of two messages that the gateway shows as one, and what goes on after a crash', () => {
    const both = `${framed('the first', 'abc')}\n\n${framed('the second', 'def')}\n\n[System] Your previous turn was interrupted`;
    expect(answerTo('b', both)).toBe(answerTo('b', 'the second'));
  });

  it('takes a frame within a frame for words', () => {
    const text = `before\n<<<peer-message x>>>\ninside\n<<<end-peer-message x>>>\nafter`;
    expect(answerTo('b', framed(text, 'abc'))).toContain(`read ${text.length} characters`);
  });
});
