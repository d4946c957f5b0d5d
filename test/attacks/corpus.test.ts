/**
 * Whatever a peer sends, however it is dressed, it gets the answer that stands in the corpus, and reaches nothing but
 * the one session that it was granted; whoever has no token, or not the token's node, reaches nothing at all.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { printSize } from '../harness/print-size.ts';
import { accepted, HEALTH_TO_EVERYONE } from './answers.ts';
import { expectedBy, type Attack, type Caller } from './attack.ts';
import { plainText } from './bytes.ts';
import { drafted } from './corpus/build.ts';
import { ALL_ATTACKS, FAST, SLOW } from './corpus.ts';
import { FOR_SLOW_SENDERS, startAttackGround, type AttackGround } from './ground.ts';
import { problemOf } from './outcome.ts';
import { sendBytes } from './wire.ts';

/** Well within the connections that a stack takes from one node. */
const AT_ONCE = 8;
/** Above every limit of a ground, and what a refusal may take to drain. */
const HANGS_AFTER_MS = 30_000;

let ground: AttackGround;
let slowGround: AttackGround;
let policyBefore: object;

/** All that says who may do what here, and by which token. */
function policyOf({ store: { peers, pairings } }: AttackGround): object {
  const tokens = peers.listPeers().map(({ name }) => [peers.outboundToken(name), peers.untold(name)]);
  return { peers: peers.listPeers(), grants: peers.listGrants(), tokens, invites: pairings.listInvites() };
}

beforeAll(async () => {
  [ground, slowGround] = await Promise.all([startAttackGround(), startAttackGround(FOR_SLOW_SENDERS)]);
  policyBefore = policyOf(ground);
});
afterAll(() => Promise.all([ground.close(), slowGround.close()]));

const topics = Object.keys(FAST);

function send({ host, port, nodes, aim }: AttackGround, attack: Attack, caller: Caller): Promise<Buffer> {
  const from = caller === 'wrongNode' ? nodes.mallory : nodes.bob;
  const way = { host, port, from, limitMs: HANGS_AFTER_MS };
  return sendBytes(way, attack.bytes(aim(caller !== 'withoutToken')), attack.pace);
}

/** As they were sent, but for the second in which they were. */
const withoutDate = (raw: Buffer) => raw.toString('latin1').replace(/\r\ndate: .*/i, '');

/** What outsiders were answered whose credential was the only thing wrong. */
const strangersAnswers = new Set<string>();

async function problemWith(at: AttackGround, attack: Attack, caller: Caller): Promise<readonly string[]> {
  try {
    const raw = await send(at, attack, caller);
    const answers = expectedBy(attack, caller);
    if (answers.length === 1 && raw.includes(' 401 ')) strangersAnswers.add(withoutDate(raw));
    const problem = problemOf(raw, answers, at.secrets);
    return problem === null ? [] : [`${caller} ${attack.id}: ${problem}`];
  } catch (error) {
    return [`${caller} ${attack.id}: ${String(error)}`];
  }
}

/** So many at a time. */
async function problemsOf(
  at: AttackGround,
  attacks: readonly Attack[],
  { caller, atOnce }: { readonly caller: Caller; readonly atOnce: number },
): Promise<readonly string[]> {
  const waiting = [...attacks];
  const problems: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      problems.push(...(await problemWith(at, next, caller)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return problems;
}

const topicProblems = (topic: string, caller: Caller) =>
  problemsOf(ground, FAST[topic] ?? [], { caller, atOnce: AT_ONCE });

/** Texts in the inbox that were not there before, sorted. */
function arrived({ store, before }: AttackGround): readonly string[] {
  const texts = store.inbox.list(10_000).map(({ text }) => text);
  return texts.filter((text) => !before.includes(text)).sort();
}

/** What the worker asked of the gateway: everything but the handshake. */
const asked = ({ fake }: AttackGround) => fake.frames.filter(({ method }) => method !== 'connect');

const textsOf = (kind: 'accepted' | 'held') =>
  ALL_ATTACKS.flatMap(({ expect: answers }) => answers).flatMap((answer) =>
    answer.kind === kind && 'text' in answer ? [answer.text] : [],
  );
const shown = textsOf('accepted').sort();
const taken = [...shown, ...textsOf('held')].sort();

describe('the corpus', () => {
  it('has a name of its own for every attack, and says what it is for', () => {
    const ids = ALL_ATTACKS.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([]);
    expect(ALL_ATTACKS.filter(({ why }) => !/\S.*\.$/.test(why)).map(({ id }) => id)).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(300);
    printSize(
      'attacks',
      `${ids.length} requests x 3 callers, ${taken.length} of them harmless from the peer`,
    );
  });

  it('makes the same bytes each time, so that what is seen here can be seen again elsewhere', () => {
    const changing = ALL_ATTACKS.filter(
      ({ bytes }) => !bytes(ground.aim(true)).equals(bytes(ground.aim(true))),
    );
    expect(changing.map(({ id }) => id)).toEqual([]);
  });
});

describe('without a token, and with the token from another node', () => {
  it.each(topics)('%s', async (topic) => {
    const callers = ['withoutToken', 'wrongNode'] as const;
    const problems = await Promise.all(callers.map((caller) => topicProblems(topic, caller)));
    expect(problems.flat()).toEqual([]);
  });

  it('all look the same: one answer of each shape', () => {
    expect([...strangersAnswers].map((answer) => answer.slice(0, 12))).toEqual(Array(2).fill('HTTP/1.1 401'));
  });

  it('reaches nothing', () => {
    expect(arrived(ground)).toEqual([]);
    expect(asked(ground)).toEqual([]);
  });
});

describe('from the paired peer', () => {
  it.each(topics)('%s', async (topic) => {
    expect(await topicProblems(topic, 'paired')).toEqual([]);
  });

  it.each([
    ['alias-other-alias', 'alias-nobodys-alias'],
    ['tools-key-other-alias', 'tools-key-nobodys-alias'],
    ['task-get-of-other', 'task-get-of-nobody'],
    ['task-cancel-of-other', 'task-cancel-of-nobody'],
    ['task-reference-other', 'task-reference-nobody'],
    ['task-continue-other', 'task-continue-nobody'],
  ])('what is another peer’s looks like what is nobody’s: %s and %s', async (...ids) => {
    const both = ALL_ATTACKS.filter(({ id }) => ids.includes(id));
    const [one, two] = await Promise.all(both.map((attack) => send(ground, attack, 'paired')));
    if (one === undefined || two === undefined) throw new Error('there are not two');
    expect(withoutDate(one)).toBe(withoutDate(two));
  });

  it('brings in the harmless messages and no other', () => {
    expect(arrived(ground)).toEqual(taken);
  });

  it('reaches one session, with each message once and as a quotation', async () => {
    const { store, fake, session } = ground;
    await vi.waitFor(() => expect(store.inbox.open()).toEqual([]), { timeout: 30_000, interval: 50 });
    expect(new Set(asked(ground).map(({ params }) => params['sessionKey']))).toEqual(new Set([session]));
    expect(new Set(asked(ground).map(({ method }) => method))).toEqual(new Set(['agent']));
    expect(fake.delivered(session).map(quoted).sort()).toEqual(shown);
  });

  it('leaves peers, grants, tokens and invites as they were', () => {
    expect(policyOf(ground)).toEqual(policyBefore);
    expect(ground.store.pairings.list()).toEqual([]);
  });

  it('leaves the listener as it was', async () => {
    const plain = drafted(
      'after-the-attacks',
      'A plain message.',
      {},
      accepted(plainText('after-the-attacks')),
    );
    expect(problemOf(await send(ground, plain, 'paired'), plain.expect, ground.secrets)).toBeNull();
    expect(ground.canary.visits).toBe(0);
    expect(ground.log.events.filter(([event]) => event === 'peer-request-failed')).toEqual([]);
  });
});

describe('slow senders, all at once', () => {
  it('are sent away, whoever they are, reach nothing, and hold up nobody', async () => {
    const callers = ['paired', 'withoutToken', 'wrongNode'] as const;
    let over = false;
    const sending = Promise.all(
      callers.map((caller) => problemsOf(slowGround, SLOW, { caller, atOnce: SLOW.length })),
    ).finally(() => (over = true));
    const asking = drafted(
      'health',
      'A plain request.',
      { method: 'GET', target: '/health' },
      HEALTH_TO_EVERYONE,
    );
    const health = await send(slowGround, asking, 'wrongNode');
    expect([problemOf(health, asking.expect, []), over]).toEqual([null, false]);
    expect((await sending).flat()).toEqual([]);
    expect(arrived(slowGround)).toEqual([]);
    expect(asked(slowGround)).toEqual([]);
  });
});

/** Where ours stand within the quotation: each on a line of its own. */
const DIVISIONS = /^<<<(?:fields|context \d+ of \d+ \((?:text|JSON)\)) ([a-z0-9]{16,})>>>$/m;

/**
 * What the frame shows as the message itself; throws when the frame is not whole, or its marker also stands where the
 * frame has no line.
 */
function quoted(framed: string): string {
  const marker = /^<<<peer-message ([a-z0-9]{16,})>>>$/m.exec(framed)?.[1];
  if (marker === undefined) throw new Error(`no frame: ${framed.slice(0, 100)}`);
  const [before = '', rest = ''] = framed.split(`\n<<<peer-message ${marker}>>>\n`);
  const [quotation = '', behind = ''] = rest.split(`\n<<<end-peer-message ${marker}>>>\n`);
  const lines = quotation.split('\n');
  const divisions = lines.filter((line) => DIVISIONS.exec(line)?.[1] === marker);
  if (framed.split(marker).length !== 3 + divisions.length)
    throw new Error(`the marker stands elsewhere too: ${framed}`);
  expect(before).toMatch(
    /^(?:Message|Handoff|Insight|Request for a review|Delegation) from the peer agent "bob" \(task [0-9a-f-]{36}, hop \d\)(?:, due within [\w ]+)?\.\n/,
  );
  expect(behind.split('\n')).toHaveLength(before.startsWith('Delegation') ? 2 : 1);
  const end = lines.findIndex((line) => divisions.includes(line));
  return (end === -1 ? lines : lines.slice(0, end)).join('\n');
}
