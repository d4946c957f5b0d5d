import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseConversationId,
  parseMessageId,
  parseTaskId,
  parseText,
  TEXT_LIMIT_BYTES,
} from '../../src/core/message.ts';

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
});

describe('text', () => {
  it.each([
    ['', 'is empty'],
    [' \n\t\u00a0', 'is empty'],
    ['a\ud800b', 'is not valid Unicode'],
    ['a\0b', 'contains a NUL character'],
  ])('refuses %j', (raw, what) => {
    expect(parseText(raw)).toMatchObject({ ok: false, problem: { what } });
  });

  it.each(['x', 'é', '€', '😀'])('counts the limit in bytes of UTF-8, here in %s', (character) => {
    const bytes = new TextEncoder().encode(character).length;
    const most = Math.floor(TEXT_LIMIT_BYTES / bytes);
    expect(parseText(character.repeat(most)).ok).toBe(true);
    expect(parseText(character.repeat(most + 1))).toMatchObject({
      ok: false,
      problem: { what: `is ${bytes * (most + 1)} bytes long` },
    });
  });

  it('never changes a text that it accepts, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const result = parseText(raw);
        if (result.ok) expect(result.value).toBe(raw);
      }),
    );
  });
});
