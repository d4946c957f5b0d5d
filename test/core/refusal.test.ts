import { describe, expect, it } from 'vitest';
import { DENY_REASONS } from '../../src/core/decision.ts';
import { isPassing, isRefusalReason, REFUSAL_REASONS, REQUEST_REASONS } from '../../src/core/refusal.ts';

describe('the reasons of a refusal', () => {
  it('are those of the judge and those of the request, each once', () => {
    expect(REFUSAL_REASONS).toEqual([...DENY_REASONS, ...REQUEST_REASONS]);
    expect(new Set(REFUSAL_REASONS).size).toBe(REFUSAL_REASONS.length);
  });

  it('pass by themselves only where nobody has to change anything: the sender then keeps the message', () => {
    expect(REFUSAL_REASONS.filter(isPassing).sort()).toEqual([
      'attempts-exceeded',
      'clock-behind',
      'connections-exceeded',
      'guesses-exceeded',
      'internal-error',
      'peer-paused',
      'peer-provisional',
      'policy-unavailable',
      'polls-exceeded',
      'request-timeout',
      'sends-exceeded',
      'stack-not-ready',
      'stack-paused',
      'storage-unavailable',
      'total-sends-exceeded',
    ]);
  });

  it('are read by their exact words: another word is a reason that this version does not know', () => {
    for (const reason of REFUSAL_REASONS) expect(isRefusalReason(reason)).toBe(true);
    for (const word of ['', 'Unauthenticated', 'unknown', 'toString'])
      expect(isRefusalReason(word)).toBe(false);
  });
});
