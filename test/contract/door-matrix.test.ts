/**
 * The negative matrix: every operation of every surface, asked by every kind of caller, under every kind of grant, over
 * real sockets. Each cell must be judged, answered and recorded as the rules say (`door-oracle.ts`), and nothing but
 * what was allowed may reach the gateway: exactly one turn, in exactly the granted session.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { ask, type Answer } from '../harness/ask.ts';
import { seenIn, wantedFor } from '../harness/door-answer.ts';
import { cellsOf, GRANTS, nameOf, type Cell } from '../harness/door-cells.ts';
import { addressedAlias, buildCity, peerOf, type City } from '../harness/door-city.ts';
import { sessionOf } from '../harness/door-proxy.ts';
import { expectedOf, type Expected, type Outcome, type Party } from '../harness/door-oracle.ts';
import { factsOf, requestOf, taskOf } from '../harness/door-request.ts';
import { printSize } from '../harness/print-size.ts';

/** More than the judge forgives. */
const BACK_MS = 130_000;
/** Session keys, the gateway's model and path, our own folders and files. */
const SECRETS = /secret|agent:|\/home|\/tmp|\.db|sqlite/i;

let city: City;
let cells = 0;
/** Every byte of each refusal but its date, with a cell that got it, by shape and word. */
const refusals = new Map<string, Map<string, string>>();
/** The sessions in which something had to run, in order. */
const sessions: string[] = [];

beforeAll(async () => {
  city = await buildCity();
}, 60_000);
afterAll(async () => {
  await city.close();
  printSize('door matrix', `${cells} cells, ${sessions.length} of them a turn in the gateway`);
});

const peerName = (party: Party, cell: Cell) => (party === 'own' ? peerOf(cell) : party);

function remember(cell: Cell, told: string, { head, body }: Answer): void {
  const key = `${surfaceOf(cell) === 'tools-invoke' ? 'gateway' : 'rpc'} ${told}`;
  const bytes = `${head.replace(/\r\nDate: [^\r]*/, '')}\n${body}`;
  refusals.set(key, (refusals.get(key) ?? new Map<string, string>()).set(bytes, nameOf(cell)));
}

const SURFACES: Readonly<Record<string, string>> = {
  tool: 'tools-invoke',
  card: 'agent-card',
  pair: 'pair',
  health: 'health',
};
const surfaceOf = ({ call }: Cell) =>
  call.kind === 'garbage' ? call.surface : (SURFACES[call.kind] ?? 'a2a');

function linesOf(cell: Cell, { audit }: Expected): readonly object[] {
  if (audit === null) return [];
  const { allowed, reason, peer } = audit;
  return [{ surface: surfaceOf(cell), allowed, reason, peer: peerName(peer, cell) }];
}

function sessionsOf(cell: Cell, outcome: Outcome): readonly string[] {
  if (outcome.kind !== 'accepted' || outcome.turn === null) return [];
  return [sessionOf(peerName(outcome.turn, cell) ?? '', addressedAlias(cell))];
}

/** What can be counted before and after. */
function traces() {
  const { audit, fake, store, turns } = city.door;
  const rows = Object.values(store().inbox.counts()).reduce((sum, count) => sum + count, 0);
  return { audit: audit.length, frames: fake.frames.length, turns: turns().length, rows };
}

/** The judge's word and the door's answer, both at the time of the cell's clock. */
async function asked(cell: Cell, task: string, { operation }: Expected) {
  const { door } = city;
  const sent = { ...requestOf(cell, task, (cells += 1)), ...city.sentBy(cell) };
  const back = cell.caller.clock === 'back' ? BACK_MS : 0;
  door.clock.advance(-back);
  if (cell.caller.stack === 'paused') door.store().peers.setPaused(true);
  const decision = decide(factsOf(city, cell, operation), door.store().peers.policy(), door.clock.now());
  const answer = await ask(door.port(), sent);
  door.clock.advance(back);
  if (cell.caller.stack === 'paused') door.store().peers.setPaused(false);
  await city.quiet();
  return { decision: decision.allow ? 'allow' : decision.reason, answer };
}

/** Asks, and says what was not as it must be. */
async function wrongIn(cell: Cell): Promise<readonly string[]> {
  const expected = expectedOf(cell);
  const { outcome } = expected;
  const task = taskOf(city, cell);
  const before = traces();
  const { decision, answer } = await asked(cell, task, expected);
  const after = traces();
  const ran = sessionsOf(cell, outcome);
  sessions.push(...ran);
  if (outcome.kind === 'refused') remember(cell, outcome.told, answer);
  const lines = city.door.audit
    .slice(before.audit)
    .map(({ surface, allowed, reason, peer }) => ({ surface, allowed, reason, peer }));
  const pairs: readonly (readonly [what: string, got: unknown, want: unknown])[] = [
    ['the decision', decision, expected.decision],
    ['the answer', seenIn(answer, outcome), wantedFor(cell, outcome, task)],
    ['a secret in it', SECRETS.exec(answer.head + answer.body)?.[0] ?? null, null],
    ['closed behind it', answer.closed, outcome.kind === 'refused' && outcome.status !== 200],
    ['the audit log', lines, linesOf(cell, expected)],
    ['the sessions that ran', city.door.turns().slice(before.turns), ran],
    ['frames at the gateway', after.frames - before.frames, ran.length],
    ['messages taken', after.rows - before.rows, outcome.kind === 'accepted' ? 1 : 0],
  ];
  return pairs
    .map(([what, got, want]) => [what, JSON.stringify(got), JSON.stringify(want)] as const)
    .filter(([, got, want]) => got !== want)
    .map(([what, got, want]) => `${nameOf(cell)}: ${what} is ${got}, not ${want}`);
}

async function wrongAmong(all: readonly Cell[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const cell of all) wrong.push(...(await wrongIn(cell)));
  return wrong;
}

describe.each(GRANTS)('where the grant is: %s', (grant) => {
  it('every caller gets what the rules say, and the gateway sees nothing else', async () => {
    const all = cellsOf(grant);
    city.beginMinuteOf(grant);
    // What waits to be cancelled must not be begun.
    city.door.gate.open = false;
    const cancels = await wrongAmong(all.filter(({ call }) => call.kind === 'cancel'));
    city.clearWaiting();
    city.door.gate.open = true;
    const others = await wrongAmong(all.filter(({ call }) => call.kind !== 'cancel'));
    expect([...cancels, ...others].slice(0, 20)).toEqual([]);
  }, 60_000);
});

describe('all cells together', () => {
  it('show one refusal for each word, byte for byte, whoever asked for whatever', () => {
    const varied = [...refusals]
      .filter(([, bytes]) => bytes.size !== 1)
      .map(([key, bytes]) => [key, [...bytes]]);
    expect(varied).toEqual([]);
    expect([...refusals.keys()].sort()).toEqual(WORDS.flatMap(inBothShapes).sort());
  });

  it('tell who is not known nothing but this', () => {
    const error = {
      code: -32000,
      message:
        'This stack does not know you: no token, another token, or another node than the one it belongs to',
      data: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'unauthenticated',
          domain: 'agent-peer',
        },
      ],
    };
    const [bytes] = refusals.get('rpc unauthenticated')?.keys() ?? [];
    expect(bytes?.split('\n').at(-1)).toBe(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
    const [toTool] = refusals.get('gateway unauthenticated')?.keys() ?? [];
    const { message } = error;
    expect(toTool?.split('\n').at(-1)).toBe(
      JSON.stringify({ ok: false, error: { type: 'unauthenticated', message } }),
    );
  });

  it('ran what was allowed, in its session, and nothing anywhere else', () => {
    expect(city.door.turns()).toEqual(sessions);
    expect(sessions.filter((session) => session.endsWith('-aside'))).toEqual([]);
    for (const session of new Set(sessions)) {
      const times = sessions.filter((one) => one === session).length;
      expect(city.door.fake.delivered(session), session).toHaveLength(times);
    }
  });
});

/** Of both surfaces that take messages; those of calls that are only A2A's stand apart. */
const WORDS = [
  ...['alias-not-granted', 'body-unparseable', 'grant-expired', 'operation-not-granted', 'peer-expired'],
  ...['peer-paused', 'peer-provisional', 'stack-paused'],
  ...['peer-revoked', 'sends-exceeded', 'stack-not-ready', 'total-sends-exceeded', 'unauthenticated'],
  ...['operation-unsupported', 'push-unsupported', 'rpc-method-unknown', 'task-unknown'],
  'invite-unknown',
];
const ONLY_RPC = new Set([
  ...['operation-unsupported', 'push-unsupported', 'rpc-method-unknown', 'task-unknown'],
  'invite-unknown',
]);

function inBothShapes(word: string): readonly string[] {
  return ONLY_RPC.has(word) ? [`rpc ${word}`] : [`rpc ${word}`, `gateway ${word}`];
}
