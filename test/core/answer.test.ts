import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/core/answer.ts';
import { KINDS } from '../../src/core/kinds.ts';

const answerIn = (reply: string) => readAnswer('delegation', reply);

describe('the answer to a delegation', () => {
  it.each([
    'ACCEPTED',
    'ACCEPTED I begin today.',
    'ACCEPTED: done by Friday',
    '**ACCEPTED**\n\nI begin with the tests.',
    'Accepted.',
    'accepted, and done by Friday',
    '\n  `ACCEPTED`',
    '✅ ACCEPTED',
    '# Accepted\nI begin.',
    '> ACCEPT',
    '✅ ACCEPTED I begin today.',
    'Accepted',
    'ACCEPTED. I declined two others for it.',
  ])('%j accepts', (reply) => {
    expect(answerIn(reply)).toEqual({ kind: 'accepted', reason: null });
  });

  it.each([
    ['DECLINED: no access to that repository', 'no access to that repository'],
    ['**DECLINED:** no access.', 'no access.'],
    ['**DECLINED**: no access\nat all.\n\nAsk carol.', 'no access\nat all.'],
    ['Declined - too large', 'too large'],
    ['declined — too large', 'too large'],
    ['Declined  - too large', 'too large'],
    ['DECLINED: too large \n', 'too large'],
    ['DECLINED: too large\n \nAsk carol.', 'too large'],
    ['DECLINED(no access)', '(no access)'],
    ['“DECLINED”. Too large', 'Too large'],
    ['DECLINE too large', 'too large'],
    ['DECLINED', null],
    ['Declined.', null],
    ['DECLINED:\n\nToo large.', 'Too large.'],
    [`DECLINED: ${'a'.repeat(3_000)}`, 'a'.repeat(2_000)],
    [`DECLINED: ${'a'.repeat(1_999)}😀`, `${'a'.repeat(1_999)}\ufffd`],
  ])('%j declines', (reply, reason) => {
    expect(answerIn(reply)).toEqual({ kind: 'declined', reason });
  });

  it.each([
    '',
    'I have ACCEPTED it.',
    'Not accepted.',
    'Accepted practice is to ask first.',
    'Decline to answer that I will not.',
    'ACCEPTEDLY',
    'Acceptedness',
    'ACCEPTED or DECLINED: which one?',
    'ACCEPTED/DECLINED',
    'ACCEPTED / DECLINED',
    'ACCEPTED or "DECLINED"',
    'On it!',
  ])('%j does neither', (reply) => {
    expect(answerIn(reply)).toBeNull();
  });

  it('is given to nothing else', () => {
    const others = KINDS.filter((kind) => kind !== 'delegation');
    expect(others.map((kind) => readAnswer(kind, 'ACCEPTED'))).toEqual(others.map(() => null));
  });
});
