import { HEADER_INVALID } from '../answers.ts';
import type { Answers, Attack, Bytes, Expectation } from '../attack.ts';
import { message, request, type Draft } from '../bytes.ts';

/** One request whose message, where it has one, carries the attack's own id. */
export function drafted(id: string, why: string, changed: Draft, ...expect: Answers): Attack {
  return { id, why, bytes: request({ body: message(id), ...changed }), expect };
}

/** Lines behind those of a plain request. */
export function lined(
  id: string,
  why: string,
  lines: readonly string[],
  expect: Expectation = HEADER_INVALID,
): Attack {
  return drafted(id, why, { lines }, expect);
}

/** The whole request as Latin-1 text, spoilt in one place. */
export function spoilt(
  id: string,
  why: string,
  change: (plain: string) => string,
  expect: Expectation = HEADER_INVALID,
): Attack {
  const plain = request({ body: message(id) });
  const bytes: Bytes = (aim) => Buffer.from(change(plain(aim).toString('latin1')), 'latin1');
  return { id, why, bytes, expect: [expect] };
}

/** The same bytes from everybody: no request is made out in them. */
export function literal(
  id: string,
  why: string,
  bytes: Buffer | string,
  expect: Expectation = HEADER_INVALID,
): Attack {
  return { id, why, bytes: () => Buffer.from(bytes), expect: [expect] };
}

/** What is found before anyone asked who calls, though the word for it is one that a peer gets. */
export function fromAnybody(attack: Attack): Attack {
  return { ...attack, withoutToken: attack.expect, wrongNode: attack.expect };
}
