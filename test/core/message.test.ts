import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HOP_LIMIT,
  parseConversationId,
  parseMessageId,
  parseTaskId,
  parseText,
  TEXT_LIMIT_BYTES,
} from '../../src/core/message.ts';
import { problemLine, type Parsed } from '../../src/core/parsed.ts';
import { propertiesOf } from '../harness/properties.ts';

const holds = propertiesOf('texts');
const told = (result: Parsed<unknown>) => (result.ok ? 'taken' : problemLine(result.problem));

describe('ids', () => {
  it.each([parseMessageId, parseConversationId, parseTaskId])(
    '%o takes what A2A clients use as ids',
    (parse) => {
      for (const raw of [
        'a',
        '0b0f2c1e-5a0e-4d0c-8a54-0c1f9b6b1f0a',
        'ctx-oc-bob',
        'a.b_c:d',
        'a'.repeat(128),
      ]) {
        expect(parse(raw)).toEqual({ ok: true, value: raw });
      }
      for (const raw of ['', ' ', '-a', 'a b', 'a\n', 'a/b', 'é', 'a'.repeat(129), 'a\0']) {
        expect(parse(raw).ok).toBe(false);
      }
    },
  );

  it('say which field is wrong, and what to send', () => {
    expect(told(parseMessageId(''))).toBe('messageId: not a message id. Use 1 to 128 of A-Z a-z 0-9 . _ : -');
    expect(told(parseConversationId(''))).toBe(
      'contextId: not a conversation id. Use 1 to 128 of A-Z a-z 0-9 . _ : -',
    );
    expect(told(parseTaskId(''))).toBe('id: not a task id. Use the id that SendMessage answered');
    expect([parseMessageId, parseConversationId, parseTaskId].map((parse) => told(parse('', 'x.y')))).toEqual(
      [expect.stringMatching(/^x\.y: /), expect.stringMatching(/^x\.y: /), expect.stringMatching(/^x\.y: /)],
    );
  });
});

describe('text', () => {
  it.each([
    ['', 'text: is empty. Say something'],
    [' \n\t\u00a0', 'text: is empty. Say something'],
    ['a\ud800b', 'text: is not valid Unicode. Send UTF-8 text without lone surrogates'],
    ['a\0b', 'text: contains a NUL character. Remove it'],
  ])('refuses %j', (raw, problem) => {
    expect(told(parseText(raw))).toBe(problem);
    expect(told(parseText(raw, 'message'))).toBe(problem.replace('text', 'message'));
  });

  it('refuses what is too long, and says by how much', () => {
    expect(told(parseText('a'.repeat(65_537)))).toBe('text: is 65537 bytes long. Shorten it to 65536 bytes');
  });

  // The first and the last character of each length in UTF-8.
  it.each([
    ['x', 1],
    ['\u007f', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
    ['\u{10ffff}', 4],
  ])('counts the limit in bytes of UTF-8: %j is %d', (character, bytes) => {
    const most = Math.floor(TEXT_LIMIT_BYTES / bytes);
    const filling = '.'.repeat(TEXT_LIMIT_BYTES - most * bytes);
    expect(parseText(character.repeat(most) + filling).ok).toBe(true);
    expect(parseText(`${character.repeat(most)}${filling}.`)).toMatchObject({
      problem: { what: 'is 65537 bytes long' },
    });
  });

  it('may cross four machines', () => {
    expect(HOP_LIMIT).toBe(4);
  });
});

holds(
  'takes a text as it is, or says why not',
  fc.property(fc.string({ unit: 'binary' }), (raw) => {
    const wrong = raw.trim() === '' || raw.includes('\0');
    expect(parseText(raw)).toEqual(wrong ? expect.objectContaining({ ok: false }) : { ok: true, value: raw });
  }),
);
