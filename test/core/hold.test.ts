/** Who waits for whom, and the few words that one owner says to the other. */
import { describe, expect, it } from 'vitest';
import {
  GUARD_REASONS,
  NOTE_LIMIT,
  parseNote,
  readNote,
  readPeerHold,
  waitingOf,
} from '../../src/core/hold.ts';

describe('what waits for a person', () => {
  it.each([
    ['held', 'turns-per-day', null, { place: 'here', what: 'message', reason: 'turns-per-day' }],
    ['held', null, null, { place: 'here', what: 'message', reason: 'grant' }],
    // The message was held for its chain, and let go on; its reply is held by the grant.
    ['reply-held', 'hop-limit', null, { place: 'here', what: 'reply', reason: 'grant' }],
    ['reply-held', 'looks-secret', null, { place: 'here', what: 'reply', reason: 'looks-secret' }],
    ['held', 'looks-secret', null, { place: 'here', what: 'message', reason: 'looks-secret' }],
    ['accepted', null, 'hop-limit', { place: 'peer', what: 'message', reason: 'hop-limit' }],
    ['accepted', null, 'reply', { place: 'peer', what: 'reply', reason: 'grant' }],
    ['accepted', 'grant', null, null],
    ['queued', 'grant', 'grant', null],
    ['answered', 'grant', 'reply', null],
  ] as const)('%s, held here for %s and there for %s', (state, hold, peerHold, expected) => {
    expect(waitingOf({ state, hold, peerHold })).toEqual(expected);
  });

  it('at a peer is told in words of ours, and a word of a newer peer is an owner’s wish', () => {
    const ofPeers = ['reply', 'grant', ...GUARD_REASONS];
    expect(ofPeers.map(readPeerHold)).toEqual(ofPeers);
    expect(['looks-secret', 'budget', '', 'Reply', '__proto__'].map(readPeerHold)).toEqual(
      Array(5).fill('grant'),
    );
  });
});

describe('a note', () => {
  it.each([
    ['not now', 'not now'],
    [' two\r\nlines\t\u2028here ', 'two lines here'],
    ['\u001b[2J\u202eevil\u0000', '[2J evil'],
    ['grüße 👋🏽', 'grüße 👋🏽'],
    ['', null],
    [' \n\u200f', null],
  ])('%j is kept as %j, from the owner and from a peer', (raw, kept) => {
    expect(parseNote(raw)).toEqual({ ok: true, value: kept });
    expect(readNote(raw)).toBe(kept);
  });

  it('that is too long is refused to the owner, and cut where a peer sends it', () => {
    const longest = 'x'.repeat(NOTE_LIMIT);
    expect(parseNote(longest)).toEqual({ ok: true, value: longest });
    expect(parseNote(`${longest}y`)).toEqual({
      ok: false,
      problem: { where: 'note', what: 'is 501 characters long', fix: 'Shorten it to 500' },
    });
    expect(readNote(`${longest}y`)).toBe(longest);
    expect(readNote(' '.repeat(1e6))).toBeNull();
    expect(readNote(`${' '.repeat(2_000)}late`)).toBeNull();
  });

  it('is whole characters, wherever it is cut', () => {
    const cut = readNote(`${'x'.repeat(NOTE_LIMIT - 1)}👋`);
    expect(cut?.isWellFormed()).toBe(true);
    expect(cut).toHaveLength(NOTE_LIMIT);
  });
});
