/**
 * The one line that makes two stacks peers.
 *
 * - What was put in comes out, however it was copied: in small letters, without its dashes, over two lines, with I, L and
 *   O for 1, 1 and 0.
 * - Whatever is changed in it is noticed, and the error says what is wrong and where, without quoting a part of it.
 * - Nothing in it can be guessed from the rest: its secret is 128 random bits.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../src/core/peer.ts';
import { encodeInviteCode, parseInviteCode, type InviteCode } from '../../src/pairing/invite-code.ts';

const SAMPLE: InviteCode = {
  address: '100.101.102.103',
  port: 8080,
  nodeId: 'nQx7TzCNTRL' as NodeId,
  expiresAt: Date.UTC(2026, 4, 1, 12),
  secret: Buffer.from('0123456789abcdef').toString('base64url'),
};
const CODE = encodeInviteCode(SAMPLE);

const codes: fc.Arbitrary<InviteCode> = fc.record({
  address: fc.ipV4().filter((address) => !address.includes('x') && address.split('.').length === 4),
  port: fc.integer({ min: 1, max: 65_535 }),
  nodeId: fc.stringMatching(/^[A-Za-z0-9]{1,64}$/).map((id) => id as NodeId),
  expiresAt: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seconds) => seconds * 1000),
  secret: fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('base64url')),
});

function problemOf(raw: string): string {
  const read = parseInviteCode(raw);
  return read.ok ? 'none' : `${read.problem.where}: ${read.problem.what}`;
}

describe('an invite code', () => {
  it('is one line that says what it is, in groups that a person can read out', () => {
    expect(CODE).toMatch(/^AP1(-[0-9A-HJKMNP-TV-Z]{5})+(-[0-9A-HJKMNP-TV-Z]{1,5})?$/);
    expect(CODE.length).toBeLessThan(90);
  });

  it('comes out as it went in', () => {
    fc.assert(
      fc.property(codes, (code) => {
        const read = parseInviteCode(encodeInviteCode(code));
        expect(read).toEqual({ ok: true, value: code });
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each([
    ['in small letters', CODE.toLowerCase()],
    ['without its dashes', CODE.replaceAll('-', '')],
    ['over two lines', `  ${CODE.slice(0, 30)}\r\n${CODE.slice(30)} \n`],
    ['with letters that look alike', `AP1${CODE.slice(3).replaceAll('1', 'l').replaceAll('0', 'O')}`],
  ])('is read %s', (_how, typed) => {
    expect(parseInviteCode(typed)).toEqual({ ok: true, value: SAMPLE });
  });

  it('is refused with any one letter changed, lost or swapped with the next', () => {
    const letters = CODE.slice(4).replaceAll('-', '');
    const wrong = Array.from(letters).flatMap((letter, at) => {
      const [before, after] = [letters.slice(0, at), letters.slice(at + 1)];
      const other = letter === 'Z' ? 'Y' : 'Z';
      const swapped =
        after === '' || after[0] === letter ? [] : [`${before}${after[0]}${letter}${after.slice(1)}`];
      return [`${before}${other}${after}`, `${before}${after}`, ...swapped];
    });
    expect(wrong.length).toBeGreaterThan(150);
    expect(wrong.filter((code) => parseInviteCode(`AP1-${code}`).ok)).toEqual([]);
  });

  it.each([
    ['', 'invite code: is empty'],
    ['hello', 'invite code: does not begin with AP1-'],
    [CODE.replace('AP1', 'AP2'), 'invite code: was made by a newer version of agent-peer'],
    [
      CODE.replace(/^AP1-./, 'AP1-U'),
      'invite code: has a character that is in no code: character 1 after AP1-',
    ],
    [
      `${CODE.slice(0, 10)}*${CODE.slice(11)}`,
      'invite code: has a character that is in no code: character 6 after AP1-',
    ],
    ['AP1-ABCDE', 'invite code: has 5 characters after AP1-, so its end or a part of it is missing'],
    [CODE.replace(/.$/, (last) => (last === '0' ? '8' : '0')), 'invite code: has a wrong checksum'],
  ])('%j is refused by what is wrong with it', (raw, what) => {
    expect(problemOf(raw)).toContain(what);
  });

  it('is never quoted in what is said about it', () => {
    for (const raw of [CODE.slice(0, -2), `${CODE}A`, CODE.replace('AP1', 'XX1'), CODE.replace(/.$/, '*')]) {
      const told = JSON.stringify(parseInviteCode(raw));
      expect(told).toContain('"ok":false');
      for (const group of CODE.split('-').slice(1)) expect(told).not.toContain(group);
    }
  });
});
