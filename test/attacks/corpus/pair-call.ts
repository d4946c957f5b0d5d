import { PARAMS_INVALID, UNAUTHENTICATED } from '../answers.ts';
import type { Aim, Attack, Expectation } from '../attack.ts';
import { given, request, type Draft, type Of } from '../bytes.ts';

export const PAIR = '/pair';

/** What these attacks say, and no answer may hold: a secret of no invite, and a token that nobody has. */
export const SENT = { secret: 'secret-secret-secret-se', token: `apt_${'s'.repeat(43)}` } as const;

export const CLAIM = { type: 'claim', ...SENT, offers: ['inbox'], confirmed: true } as const;
export const NEWS = { type: 'news', confirmed: true, ready: true } as const;
export const ROTATE = { type: 'rotate', token: SENT.token } as const;

/** Whoever has no token may ask here too: it is told as the peer is, unless what it asks needs a token. */
export function pair(
  name: string,
  why: string,
  body: Of<object | string>,
  expect: Expectation = PARAMS_INVALID,
  { withoutToken = expect, ...draft }: Draft & { readonly withoutToken?: Expectation } = {},
): Attack {
  const text = (aim: Aim): string => {
    const made = given(body, aim);
    return typeof made === 'string' ? made : JSON.stringify(made);
  };
  return {
    id: `pair-${name}`,
    why,
    bytes: request({ target: PAIR, body: text, ...draft }),
    expect: [expect],
    withoutToken: [withoutToken],
    wrongNode: [expect.kind === 'refused' && isSeenBefore(expect) ? expect : UNAUTHENTICATED],
  };
}

/** By the target or the head alone. */
function isSeenBefore({ status }: Extract<Expectation, { kind: 'refused' }>): boolean {
  return [404, 405, 415].includes(status);
}
