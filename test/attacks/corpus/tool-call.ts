import { refused } from '../answers.ts';
import type { Aim, Attack, Expectation } from '../attack.ts';
import { given, plainText, request, type Draft, type Of } from '../bytes.ts';

const TARGET = '/tools/invoke';
export const INVALID = refused(400, 'params-invalid', 'gateway');

/** A call that would be taken, not waiting for the reply. */
function plainCall(id: string, { alias }: Aim, args: object): object {
  const plain = { sessionKey: alias, message: plainText(id), timeoutSeconds: 0 };
  return { tool: 'sessions_send', args: { ...plain, ...args } };
}

/** The JSON of a plain call, spoilt. */
export function spoiltCall(
  name: string,
  why: string,
  change: (plain: string) => string,
  expect: Expectation,
  draft: Draft = {},
): Attack {
  const id = `tools-${name}`;
  const body = (aim: Aim) => change(JSON.stringify(plainCall(id, aim, {})));
  return { id, why, bytes: request({ target: TARGET, body, ...draft }), expect: [expect] };
}

/** A plain call under other lines of the head. */
export function calledWith(name: string, why: string, draft: Draft, expect: Expectation): Attack {
  return spoiltCall(name, why, (plain) => plain, expect, draft);
}

/** Other members than `tool` and `args`, or others of them; undefined leaves one out. */
export function call(name: string, why: string, members: object, expect: Expectation = INVALID): Attack {
  const id = `tools-${name}`;
  const body = (aim: Aim) => JSON.stringify({ ...plainCall(id, aim, {}), ...members });
  return { id, why, bytes: request({ target: TARGET, body }), expect: [expect] };
}

/** A plain call with other arguments; undefined leaves one out. */
export function args(name: string, why: string, changed: Of<object>, expect: Expectation = INVALID): Attack {
  const id = `tools-${name}`;
  const body = (aim: Aim) => JSON.stringify(plainCall(id, aim, given(changed, aim)));
  return { id, why, bytes: request({ target: TARGET, body }), expect: [expect] };
}
