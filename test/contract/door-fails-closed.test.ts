/**
 * What the door does when it has nothing to judge by: with a policy that is gone, empty or makes no sense, and with a
 * clock that cannot be right, nobody may do anything on any surface, and nothing reaches the inbox or the gateway. When
 * the cause is gone, the door serves again.
 */
import { copyFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS } from '../../src/core/decide.ts';
import { ask, type Answer } from '../harness/ask.ts';
import { startDoor, type Door } from '../harness/door-ground.ts';
import { type Caller } from '../harness/door-proxy.ts';
import { callsOf, refusalIn, stateIn, taskIn, type Calls } from '../harness/peer-calls.ts';
import { ADDRESS, TOKEN, type Sent } from '../harness/peer-listener.ts';
import { printSize } from '../harness/print-size.ts';
import { ROOMY } from '../harness/budgets.ts';

const UNHURRIED = { attemptsPerMinute: 1_000_000, pollsPerMinute: 1_000_000 };
const TOO_FAR_MS = CLOCK_TOLERANCE_MS + 60_000;

let door: Door;
let asBob: Caller;
let bob: Calls;
/** A task of bob's that is over. */
let taskId: string;
let requests = 0;
let causes = 0;

beforeAll(async () => {
  const policyLimits = { sendsPerMinute: 1_000, totalSendsPerMinute: 1_000, budgets: ROOMY };
  door = await startDoor({ limits: UNHURRIED, policyLimits });
  asBob = door.addPeer('bob', ADDRESS.bob);
  bob = callsOf(door.port, asBob);
  door.addPeer('carol', ADDRESS.carol);
  for (const alias of ['inbox', 'handoff']) door.grant('bob', alias);
  door.grant('carol', 'inbox');
  taskId = taskIn(await bob.send('before')).id;
});
afterAll(async () => {
  await door.close();
  printSize('door without a policy', `${causes} causes, ${requests} requests`);
});

const rpc = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const message = (id: string) => ({
  message: { messageId: id, role: 'ROLE_USER', parts: [{ text: 'hello' }] },
});

/** One of everything that the listener knows. `fresh` makes its messages new ones. */
function everything(fresh: string): readonly Sent[] {
  const args = { sessionKey: 'inbox', message: 'hello' };
  return [
    { path: '/a2a/v1', body: rpc('SendMessage', message(`${fresh}-1`)) },
    { path: '/a2a/v1/handoff', body: rpc('message/send', message(`${fresh}-2`)) },
    // One that was taken before, which otherwise finds its task whatever is in the way of new ones.
    { path: '/a2a/v1', body: rpc('SendMessage', message('before')) },
    { path: '/a2a/v1', body: rpc('GetTask', { id: taskId }) },
    { path: '/a2a/v1', body: rpc('CancelTask', { id: taskId }) },
    { path: '/a2a/v1', body: rpc('ListTasks', {}) },
    { path: '/tools/invoke', body: JSON.stringify({ tool: 'sessions_send', args }) },
    { path: '/.well-known/agent-card.json', method: 'GET' },
    { path: '/health', method: 'GET' },
  ];
}

function callers(): readonly (Pick<Sent, 'from'> & { readonly token: string | null })[] {
  return [
    asBob,
    { token: null, from: ADDRESS.bob },
    { token: TOKEN.unknown, from: ADDRESS.bob },
    { token: asBob.token, from: ADDRESS.carol },
    { token: asBob.token, from: ADDRESS.stranger },
  ];
}

async function askAll(fresh: string, who = callers()): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const caller of who) {
    for (const sent of everything(fresh)) answers.push(await ask(door.port(), { ...sent, ...caller }));
  }
  requests += answers.length;
  return answers;
}

const isHealth = ({ body }: Answer) => /^\{"status"/.test(body);
/** Told by everything but `/health`, which has one word and no more. */
function tellingOf(answers: readonly Answer[]): readonly string[] {
  const told = answers
    .filter((answer) => !isHealth(answer))
    .map((answer) => [answer.status, refusalIn(answer)[2]].join(' '));
  return [...new Set(told)];
}
const healthOf = (answers: readonly Answer[]) => [
  ...new Set(answers.filter(isHealth).map(({ status, body }) => `${status} ${body}`)),
];

/** Everybody asks for everything in vain, for `reason`; then `mend` helps. */
async function deniesAll(reason: string, mend: () => void | Promise<void>): Promise<void> {
  const fresh = `c${(causes += 1)}`;
  const before = { audit: door.audit.length, frames: door.fake.frames.length };
  const answers = await askAll(fresh);
  expect(tellingOf(answers)).toEqual(['503 stack-not-ready']);
  expect(healthOf(answers)).toEqual(['503 {"status":"stack-not-ready"}']);
  expect(answers.every((answer) => isHealth(answer) || /\r\nretry-after: \d/.test(answer.head))).toBe(true);
  const lines = door.audit.slice(before.audit).map((line) => `${line.allowed} ${line.reason}`);
  expect([...new Set(lines)]).toEqual([`false ${reason}`]);
  await mend();
  expect(door.fake.frames).toHaveLength(before.frames);
  expect(
    door
      .store()
      .inbox.list(1000)
      .filter(({ messageId }) => messageId.startsWith(fresh)),
  ).toEqual([]);
  expect(stateIn(await bob.send(`after-${fresh}`))).toBe('COMPLETED');
  expect(door.fake.frames).toHaveLength(before.frames + 1);
}

describe('a store that dies', () => {
  it('lets nobody in any more, and everybody as before when it is there again', async () => {
    door.killStore();
    await deniesAll('policy-unavailable', () => door.restart());
  });

  it.each<[string, () => void]>([
    ['is removed', () => rmSync(database())],
    [
      'is replaced',
      () => {
        rmSync(database());
        copyFileSync(`${database()}.whole`, database());
      },
    ],
    ['is cut short', () => truncateSync(database(), 0)],
  ])('lets nobody in when its file %s under it: what it says is nowhere any more', async (_what, harm) => {
    await door.restart(() => copyFileSync(database(), `${database()}.whole`));
    harm();
    await deniesAll('policy-unavailable', () =>
      door.restart(() => {
        for (const left of ['', '-wal', '-shm']) rmSync(`${database()}${left}`, { force: true });
        restore();
      }),
    );
  });

  it.each<[string, (file: string) => void]>([
    ['is damaged', (file) => writeFileSync(file, Buffer.alloc(64 * 1024, 'x'))],
    ['is cut short', (file) => writeFileSync(file, 'SQLite format 3\0')],
  ])('and %s is not opened again: nothing listens', async (_what, damage) => {
    const file = join(door.dataDir, 'agent-peer.db');
    const port = door.port();
    const opened = door.restart(() => {
      copyFileSync(file, `${file}.whole`);
      damage(file);
    });
    await expect(opened).rejects.toMatchObject({ code: 'storage-unavailable' });
    const refused = await new Promise((resolve) => {
      connect({ host: ADDRESS.self, port }).once('error', resolve).once('connect', resolve);
    });
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    await door.restart(() => copyFileSync(`${file}.whole`, file));
    expect(stateIn(await bob.send(`after-${door.port()}`))).toBe('COMPLETED');
  });
});

describe('a clock', () => {
  it('that goes back stops everything until it is right again', async () => {
    door.clock.advance(-TOO_FAR_MS);
    await deniesAll('clock-behind', () => door.clock.advance(TOO_FAR_MS));
  });

  it('that was set back while the proxy was down stops everything, too', async () => {
    door.clock.advance(60_000);
    await bob.send('seen-at-this-hour');
    await door.restart(() => door.clock.advance(-TOO_FAR_MS));
    await deniesAll('clock-behind', () => door.clock.advance(TOO_FAR_MS));
  });

  it('that was ahead and was set right stops everything until the owner says so', async () => {
    door.clock.advance(24 * 3_600_000);
    await bob.send('from-the-future');
    door.clock.advance(-24 * 3_600_000);
    await deniesAll('clock-behind', () => door.store().peers.acceptClock());
  });

  it('whose mark is gone stops everything', async () => {
    await door.restart(() => change('DELETE FROM clock'));
    await deniesAll('clock-behind', () => door.restart(restore));
  });

  it('that is corrected a little does not, and brings back nothing that has expired', async () => {
    door.grant('bob', 'brief', { expiresAt: door.clock.now() + 1000 });
    const expired = () => bob.send('late', { path: '/a2a/v1/brief' });
    door.clock.advance(2000);
    expect(refusalIn(await expired())).toEqual([403, -32000, 'grant-expired']);
    door.clock.advance(-1500);
    expect(refusalIn(await expired())).toEqual([403, -32000, 'grant-expired']);
    door.clock.advance(1500 - CLOCK_TOLERANCE_MS);
    expect(refusalIn(await expired())).toEqual([403, -32000, 'grant-expired']);
    expect(stateIn(await bob.send('in-time'))).toBe('COMPLETED');
    door.clock.advance(CLOCK_TOLERANCE_MS);
  });
});

const database = () => join(door.dataDir, 'agent-peer.db');

/** What a hand, a bug of another version or a bad disk could leave; the whole file is kept for `restore`. */
function change(sql: string): void {
  copyFileSync(database(), `${database()}.whole`);
  const db = new DatabaseSync(database(), { enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
}
function restore(): void {
  copyFileSync(`${database()}.whole`, database());
}

/** Each in the rows of carol, or of nobody: half a policy may allow what the whole one forbids. */
const DAMAGE: readonly (readonly [what: string, sql: string])[] = [
  ['a peer’s state', `UPDATE peers SET state = 'Paused' WHERE name = 'carol'`],
  ['no peer’s state', `UPDATE peers SET state = '' WHERE name = 'carol'`],
  ['a peer’s name', `UPDATE peers SET name = 'Carol X' WHERE name = 'carol'`],
  ['a reserved name', `UPDATE peers SET name = 'self' WHERE name = 'carol'`],
  ['a node id', `UPDATE peers SET node_id = 'n carol' WHERE name = 'carol'`],
  ['no node id', `UPDATE peers SET node_id = '' WHERE name = 'carol'`],
  ['one node for two peers', `UPDATE peers SET node_id = 'nbob' WHERE name = 'carol'`],
  ['a digest', `UPDATE peers SET token_digest = upper(token_digest) WHERE name = 'carol'`],
  ['no digest', `UPDATE peers SET token_digest = '' WHERE name = 'carol'`],
  ['a second digest', `UPDATE peers SET overlap_digest = 'x' WHERE name = 'carol'`],
  ['one digest twice', `UPDATE peers SET overlap_digest = token_digest WHERE name = 'carol'`],
  [
    'a digest of two peers',
    `UPDATE peers SET overlap_digest = (SELECT token_digest FROM peers WHERE name = 'bob') WHERE name = 'carol'`,
  ],
  ['a peer’s end', `UPDATE peers SET expires_at = 9223372036854775807 WHERE name = 'carol'`],
  ['an alias', `UPDATE grants SET alias = 'In Box' WHERE peer = 'carol'`],
  ['no alias', `UPDATE grants SET alias = '' WHERE peer = 'carol'`],
  ['no session key', `UPDATE grants SET session_key = NULL WHERE peer = 'carol'`],
  ['a bare session key', `UPDATE grants SET session_key = 'main' WHERE peer = 'carol'`],
  ['a session key in capitals', `UPDATE grants SET session_key = 'agent:main:Main' WHERE peer = 'carol'`],
  ['a session key with a space', `UPDATE grants SET session_key = ' agent:main:x' WHERE peer = 'carol'`],
  ['a session that cannot be granted', `UPDATE grants SET session_key = 'global' WHERE peer = 'carol'`],
  ['an operation', `UPDATE grants SET operations = 'message-send everything' WHERE peer = 'carol'`],
  ['an operation that is no grant’s', `UPDATE grants SET operations = 'card-read' WHERE peer = 'carol'`],
  ['a hold', `UPDATE grants SET hold = 'maybe' WHERE peer = 'carol'`],
  ['no hold', `UPDATE grants SET hold = '' WHERE peer = 'carol'`],
  ['a direction', `UPDATE grants SET direction = 'sideways' WHERE peer = 'carol'`],
  ['a limit', `UPDATE grants SET sends_per_minute = 9223372036854775807 WHERE peer = 'carol'`],
  ['a grant of nobody', `UPDATE grants SET peer = 'mallory' WHERE peer = 'carol'`],
];

describe('a policy that makes no sense in one row', () => {
  it.each(DAMAGE)('(%s) is none at all', async (_what, sql) => {
    await door.restart(() => change(sql));
    await deniesAll('policy-unavailable', () => door.restart(restore));
  });
});

describe('a policy with nothing in it', () => {
  afterEach(() => door.restart(restore));

  const outcome = async (who?: Parameters<typeof askAll>[1]) => {
    causes += 1;
    const frames = door.fake.frames.length;
    const answers = await askAll(`e${causes}`, who);
    expect(door.fake.frames).toHaveLength(frames);
    return answers;
  };

  it.each<[string, () => void]>([
    ['no peer', () => change('DELETE FROM grants; DELETE FROM inbox; DELETE FROM peers')],
    [
      'no database',
      () => {
        copyFileSync(database(), `${database()}.whole`);
        rmSync(database());
      },
    ],
  ])('(%s) knows nobody', async (_what, empty) => {
    await door.restart(empty);
    const answers = await outcome(callers().filter(({ from }) => from !== ADDRESS.stranger));
    expect(tellingOf(answers)).toEqual(['401 unauthenticated']);
    expect(healthOf(answers)).toEqual(['200 {"status":"ok"}']);
    expect(door.store().inbox.list(1)).toEqual([]);
  });

  it('(no grant) lets a peer that is known do nothing with any alias', async () => {
    await door.restart(() => change(`DELETE FROM grants WHERE peer = 'bob'`));
    const rows = door.store().inbox.list(1000).length;
    const answers = await outcome([asBob]);
    const told = answers.slice(0, 7).map((answer) => refusalIn(answer)[2]);
    expect(told).toEqual([
      ...Array<string>(5).fill('alias-not-granted'),
      'operation-unsupported',
      'alias-not-granted',
    ]);
    expect(JSON.parse(answers[7]?.body ?? '')).not.toHaveProperty('skills');
    expect(door.store().inbox.list(1000)).toHaveLength(rows);
  });
});
