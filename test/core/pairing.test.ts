/**
 * How two stacks become peers, over every way in which it can go: each owner may confirm at any time or never, each side
 * may tell the other at any time, and whatever was ever said may be lost, come late, come twice and in any order. A side
 * that still waits may give up. What a side knows is on its disk, so that a restart is no step of its own.
 *
 * - Never is one side complete while the other is neither ready nor complete: whoever may deliver finds an open door.
 * - What a side knows only ever becomes true, and only when it is.
 * - Once both owners have confirmed and nobody has given up, both become complete as soon as what is said gets through.
 */
import { describe, expect, it } from 'vitest';
import {
  COMPLETE_NEWS,
  hear,
  newsOf,
  stageOf,
  type PairingFacts,
  type PairingNews,
  type PairingStage,
} from '../../src/core/pairing.ts';
import { printSize } from '../harness/print-size.ts';

/** `maker` made the invite, and knows of the guest only once it has claimed it. */
type Name = 'maker' | 'guest';
const NAMES = ['maker', 'guest'] as const;
const OTHER = { maker: 'guest', guest: 'maker' } as const;

/** `claims`: said by the guest with the secret of the invite, and by the maker in answer to that, with a token. */
type Said = PairingNews & { readonly claims: boolean };

interface Side {
  readonly facts: PairingFacts;
  readonly hasBegun: boolean;
  readonly hasGivenUp: boolean;
  /** All that the other has ever said to this one. The network may bring any of it at any time, or never. */
  readonly heard: readonly Said[];
}
type State = Readonly<Record<Name, Side>>;

const NOTHING: PairingFacts = {
  hasToken: false,
  ownConfirmed: false,
  otherConfirmed: false,
  otherReady: false,
};
const GUEST: Side = { facts: NOTHING, hasBegun: true, hasGivenUp: false, heard: [] };
const START: State = { guest: GUEST, maker: { ...GUEST, hasBegun: false } };

const keyOf = (value: object) => JSON.stringify(value);
const stageIn = (state: State, name: Name): PairingStage => stageOf(state[name].facts);

function change(state: State, name: Name, side: Partial<Side>): State {
  return { ...state, [name]: { ...state[name], ...side } };
}

function know(state: State, name: Name, facts: PairingFacts): State {
  return change(state, name, { facts });
}

/** A side that is complete has forgotten its facts, and says that it is. A guest without a token can only claim. */
function sayingOf({ facts }: Side): Said {
  const news = stageOf(facts) === 'complete' ? COMPLETE_NEWS : newsOf(facts);
  return { ...news, claims: !facts.hasToken };
}

/** Puts it on the way. */
function say(state: State, name: Name, said: Said): State {
  const to = OTHER[name];
  const { heard } = state[to];
  if (heard.some((one) => keyOf(one) === keyOf(said))) return state;
  const sorted = [...heard, said].sort((x, y) => keyOf(x).localeCompare(keyOf(y)));
  return change(state, to, { heard: sorted });
}

/** The maker begins with the claim, and only then has what it presents to the guest. */
function takeClaim(state: State, { confirmed }: Said): State {
  const { facts, hasBegun } = state.maker;
  if (hasBegun) return state;
  const begun = { ...facts, hasToken: true, otherConfirmed: confirmed };
  return change(state, 'maker', { facts: begun, hasBegun: true });
}

function take(state: State, name: Name, said: Said): State {
  const { facts, hasBegun, hasGivenUp } = state[name];
  if (hasGivenUp || stageOf(facts) === 'complete') return state;
  if (name === 'maker' && said.claims) return takeClaim(state, said);
  if (!hasBegun) return state;
  return know(state, name, { ...hear(facts, said), hasToken: facts.hasToken || said.claims });
}

/** What came, and the answer to it on its way. Who has given up, or does not know the other, answers nothing. */
function takeAndAnswer(state: State, name: Name, said: Said): State {
  const after = take(state, name, said);
  const { hasBegun, hasGivenUp } = after[name];
  if (!hasBegun || hasGivenUp) return after;
  const claims = name === 'maker' && said.claims;
  return say(after, name, { ...sayingOf(after[name]), claims });
}

function stepsOf(state: State, name: Name): readonly State[] {
  const { facts, hasBegun, hasGivenUp, heard } = state[name];
  if (hasGivenUp) return [];
  return [
    // Before it has begun as well: who makes an invite may agree beforehand.
    know(state, name, { ...facts, ownConfirmed: true }),
    ...(hasBegun && stageOf(facts) === 'waiting' ? [change(state, name, { hasGivenUp: true })] : []),
    ...(hasBegun ? [say(state, name, sayingOf(state[name]))] : []),
    ...heard.map((said) => takeAndAnswer(state, name, said)),
  ];
}

interface Step {
  readonly before: State;
  readonly after: State;
}

/** Every state that can be reached, and every step between two. */
function explore(): { readonly states: readonly State[]; readonly steps: readonly Step[] } {
  const seen = new Map<string, State>([[keyOf(START), START]]);
  const steps: Step[] = [];
  // A map goes on to what is put into it meanwhile.
  for (const before of seen.values()) {
    for (const after of NAMES.flatMap((name) => stepsOf(before, name))) {
      steps.push({ before, after });
      if (!seen.has(keyOf(after))) seen.set(keyOf(after), after);
    }
  }
  return { states: [...seen.values()], steps };
}

const { states, steps } = explore();
const violations = (isWrong: (state: State, name: Name, other: Name) => boolean) =>
  states.filter((state) => NAMES.some((name) => isWrong(state, name, OTHER[name])));

describe('a pairing, in every way that it can go', () => {
  it('is looked at in full', () => {
    const ends = new Set(states.map((state) => NAMES.map((name) => stageIn(state, name)).join(' ')));
    expect([...ends].sort()).toEqual([
      'complete complete',
      'complete ready',
      'ready complete',
      'ready ready',
      'ready waiting',
      'waiting ready',
      'waiting waiting',
    ]);
    printSize('pairing', `${states.length} states, ${steps.length} steps, all that there are`);
  });

  it('never is complete on one side while the other is neither ready nor complete', () => {
    const alone = (state: State, name: Name, other: Name) =>
      stageIn(state, name) === 'complete' && (stageIn(state, other) === 'waiting' || state[other].hasGivenUp);
    expect(violations(alone)).toEqual([]);
  });

  it('never is complete, nor ready, without a token to present', () => {
    const mute = (state: State, name: Name) =>
      stageIn(state, name) !== 'waiting' && !state[name].facts.hasToken;
    expect(violations(mute)).toEqual([]);
  });

  it('never is complete, nor ready, without the word of both owners', () => {
    const unasked = (state: State, name: Name, other: Name) =>
      stageIn(state, name) !== 'waiting' &&
      !(state[name].facts.ownConfirmed && state[other].facts.ownConfirmed);
    expect(violations(unasked)).toEqual([]);
  });

  it('never believes of the other what is not so', () => {
    const wrong = (state: State, name: Name, other: Name) => {
      const { otherConfirmed, otherReady } = state[name].facts;
      if (otherConfirmed && !state[other].facts.ownConfirmed) return true;
      return otherReady && stageIn(state, other) === 'waiting';
    };
    expect(violations(wrong)).toEqual([]);
  });

  it('never takes back what a side knows', () => {
    const isLost = ({ facts: before }: Side, { facts: after }: Side) =>
      (['hasToken', 'ownConfirmed', 'otherConfirmed', 'otherReady'] as const).some(
        (fact) => before[fact] && !after[fact],
      );
    const lost = steps.filter(({ before, after }) => NAMES.some((name) => isLost(before[name], after[name])));
    expect(lost).toEqual([]);
  });

  it('is not given up by a side that is ready: the other may be complete already', () => {
    const gone = (state: State, name: Name) => state[name].hasGivenUp && stageIn(state, name) !== 'waiting';
    expect(violations(gone)).toEqual([]);
  });
});

/** One side tells, the other takes that and answers, and the answer comes. */
function exchange(state: State, name: Name): State {
  const said = sayingOf(state[name]);
  const heard = take(state, OTHER[name], said);
  return take(heard, name, { ...sayingOf(heard[OTHER[name]]), claims: said.claims });
}

const areComplete = (state: State) => NAMES.every((name) => stageIn(state, name) === 'complete');

function confirmAll(state: State): State {
  return NAMES.reduce((to, name) => know(to, name, { ...to[name].facts, ownConfirmed: true }), state);
}

describe('when what is said gets through', () => {
  const open = states.filter((state) => NAMES.every((name) => !state[name].hasGivenUp));

  it.each([
    ['by the guest alone', ['guest', 'guest', 'guest']],
    ['by both in turn', ['guest', 'maker', 'guest']],
    ['by the maker, once the guest has its token', ['guest', 'maker', 'maker']],
  ] as const)(
    'both become complete, from wherever they stood, as soon as both have confirmed: %s',
    (_, tellers) => {
      expect(open.length).toBeGreaterThan(0);
      const end = (state: State) => tellers.reduce(exchange, confirmAll(state));
      expect(open.filter((state) => !areComplete(end(state)))).toEqual([]);
    },
  );

  it('neither becomes complete where the other has given up', () => {
    const ended = states.filter((state) => NAMES.some((name) => state[name].hasGivenUp));
    expect(ended.length).toBeGreaterThan(0);
    expect(ended.filter((state) => NAMES.some((name) => stageIn(state, name) === 'complete'))).toEqual([]);
  });
});

describe('what is told', () => {
  const ALL: PairingFacts = { hasToken: true, ownConfirmed: true, otherConfirmed: true, otherReady: true };

  it.each<[PairingFacts, PairingStage, PairingNews]>([
    [NOTHING, 'waiting', { confirmed: false, ready: false }],
    [{ ...ALL, hasToken: false }, 'waiting', { confirmed: true, ready: false }],
    [{ ...NOTHING, ownConfirmed: true }, 'waiting', { confirmed: true, ready: false }],
    [{ ...NOTHING, otherConfirmed: true }, 'waiting', { confirmed: false, ready: false }],
    [{ ...NOTHING, otherConfirmed: true, otherReady: true }, 'waiting', { confirmed: false, ready: false }],
    [{ ...ALL, otherReady: false }, 'ready', { confirmed: true, ready: true }],
    [ALL, 'complete', { confirmed: true, ready: true }],
  ])('of %j: %s', (facts, stage, news) => {
    expect(stageOf(facts)).toBe(stage);
    expect(newsOf(facts)).toEqual(news);
  });

  it('means that the other owner has confirmed, also where a peer only says that it is ready', () => {
    expect(hear(NOTHING, { confirmed: false, ready: true })).toEqual({
      ...NOTHING,
      otherConfirmed: true,
      otherReady: true,
    });
  });

  it('of a side that is complete is that it is ready', () => {
    expect(COMPLETE_NEWS).toEqual({ confirmed: true, ready: true });
  });
});
