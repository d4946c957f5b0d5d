/**
 * The policy as it lies on disk: who may do what, and the latest instant that was seen.
 *
 * - A file of an earlier version keeps what its owner had allowed, and allows nothing more.
 * - One row that makes no sense, a store that is closed or a mark that is gone: there is no policy, and nothing is
 *   allowed to anybody, in either direction.
 * - A clock that went back brings nothing back that had expired, also not by a restart, until the owner says that it is
 *   right.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import { CLOCK_TOLERANCE_MS, decide } from '../../src/core/decide.ts';
import { OPERATIONS } from '../../src/core/decision.ts';
import { createJudge } from '../../src/explain/judge.ts';
import { createSealer, purposeOf } from '../../src/store/sealed.ts';
import { loadKeyFile } from '../../src/store/key-file.ts';
import { watchPolicy } from '../../src/store/policy-watch.ts';
import { createFakeClock, type FakeClock } from '../harness/fake-clock.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import {
  BOB,
  CAROL,
  HANDOFF,
  sampleGrant,
  sampleInbound,
  sampleOutboundGrant,
  samplePeer,
} from '../harness/samples.ts';
import { SCHEMA_1 } from '../harness/schema-1.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';
import { NO_LOAD } from '../harness/budgets.ts';

const HOUR = 3_600_000;

/** Writes to the file past the program, as damage or another version would. */
function tamper(folder: string, sql: string): void {
  const db = new DatabaseSync(join(folder, 'agent-peer.db'), { enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
}

function paired(folder: string, clock: FakeClock): TempStore {
  const store = tempStore(clock, folder);
  store.peers.addPeer(samplePeer(BOB));
  store.peers.addPeer(samplePeer(CAROL));
  store.peers.putGrant(sampleGrant());
  store.peers.putGrant(sampleOutboundGrant());
  return store;
}

const bob = samplePeer(BOB);
const send = {
  operation: 'message-send',
  presented: bob.tokenDigest,
  nodeId: bob.nodeId,
  alias: HANDOFF,
  agent: null,
  load: NO_LOAD,
  usage: { underGrant: 0, fromPeer: 0, fromAll: 0 },
} as const;

describe('a file of schema 1', () => {
  function written() {
    const folder = tempFolder();
    const keyFile = join(folder, 'key');
    const sealer = createSealer(loadKeyFile(keyFile, false), keyFile);
    const db = new DatabaseSync(join(folder, 'agent-peer.db'));
    db.exec(SCHEMA_1);
    const peer = db.prepare(`INSERT INTO peers VALUES (?, ?, ?, ?, ?, ?, 7)`);
    const token = sealer.seal(purposeOf.peerToken(BOB), 'a token for bob');
    const carol = samplePeer(CAROL, { state: 'revoked' });
    peer.run(bob.name, bob.nodeId, bob.login, bob.tokenDigest, bob.state, token);
    peer.run(carol.name, carol.nodeId, carol.login, carol.tokenDigest, carol.state, null);
    db.exec(`INSERT INTO grants VALUES ('bob', 'handoff', 'agent:main:peer-bob', 7)`);
    const row = sampleInbound('old');
    db.prepare(
      `INSERT INTO inbox (task_id, peer, message_id, content_digest, alias, session_key, conversation, text, hop,
         created_at, updated_at, expires_at, state, turn_key)
       VALUES ('task-old', 'bob', 'old', ?, 'handoff', 'agent:main:peer-bob', 'c', 'text', 0, ?, 0, 0, 'replied', 'k')`,
    ).run(row.contentDigest, row.createdAt);
    db.close();
    return folder;
  }

  it('keeps its peers, its grants and its messages', () => {
    const store = tempStore(createFakeClock(), written());
    const policy = store.peers.policy();
    expect(policy.peers).toEqual([bob, samplePeer(CAROL, { state: 'revoked' })]);
    expect(store.peers.listGrants()).toEqual([sampleGrant(), sampleOutboundGrant()]);
    expect(store.peers.outboundToken(BOB)).toBe('a token for bob');
    expect(store.inbox.accept(sampleInbound('old')).kind).toBe('repeated');
    expect(decide(send, policy, policy.asOf)).toMatchObject({ allow: true, grant: sampleGrant() });
  });

  it('lets agents of this machine write where a token was stored, and nowhere else', () => {
    const { peers } = tempStore(createFakeClock(), written());
    expect([...peers.policy().outbound.keys()]).toEqual([BOB]);
  });

  it('is brought up once: what was changed since is not made anew', () => {
    const store = tempStore(createFakeClock(), written());
    const ended = sampleOutboundGrant({ expiresAt: 1 });
    store.peers.putGrant(ended);
    expect(store.reopen().peers.listGrants()).toEqual([sampleGrant(), ended]);
  });
});

describe('a policy that makes no sense', () => {
  const ROWS = [
    [`a peer's name`, `UPDATE peers SET name = 'Carol!' WHERE name = 'carol'`],
    [`a peer's reserved name`, `UPDATE peers SET name = 'all' WHERE name = 'carol'`],
    [`a peer's node`, `UPDATE peers SET node_id = '' WHERE name = 'carol'`],
    [`a peer's digest`, `UPDATE peers SET token_digest = 'x' WHERE name = 'carol'`],
    [`a digest in capitals`, `UPDATE peers SET token_digest = upper(token_digest) WHERE name = 'carol'`],
    [`a peer's state`, `UPDATE peers SET state = 'Active' WHERE name = 'carol'`],
    ['a second digest', `UPDATE peers SET overlap_digest = '' WHERE name = 'carol'`],
    [
      'a digest of two peers',
      `UPDATE peers SET overlap_digest = '${bob.tokenDigest}', overlap_until = 0 WHERE name = 'carol'`,
    ],
    [
      'a second digest that is too long',
      `UPDATE peers SET overlap_digest = token_digest || '0', overlap_until = 1`,
    ],
    ['one node for two peers', `UPDATE peers SET node_id = '${bob.nodeId}'`],
    ['a direction', `UPDATE grants SET direction = 'both' WHERE direction = 'inbound'`],
    ['a grant of nobody', `UPDATE grants SET peer = 'dora' WHERE direction = 'inbound'`],
    ['an alias', `UPDATE grants SET alias = 'Hand Off' WHERE direction = 'inbound'`],
    ['an outbound alias', `UPDATE grants SET alias = '*' WHERE direction = 'outbound'`],
    ['no session key', `UPDATE grants SET session_key = NULL WHERE direction = 'inbound'`],
    ['a session key', `UPDATE grants SET session_key = 'main' WHERE direction = 'inbound'`],
    [
      'another spelling of it',
      `UPDATE grants SET session_key = 'Agent:main:peer-bob' WHERE direction = 'inbound'`,
    ],
    ['an operation', `UPDATE grants SET operations = 'message-send card-read' WHERE direction = 'inbound'`],
    ['an inbound hold', `UPDATE grants SET hold = '' WHERE direction = 'inbound'`],
    ['an outbound hold', `UPDATE grants SET hold = 'maybe' WHERE direction = 'outbound'`],
  ] as const;

  it.each(ROWS)('by %s lets nobody do anything', (_what, sql) => {
    const folder = tempFolder();
    const clock = createFakeClock();
    const store = paired(folder, clock);
    const before = store.peers.policy();
    expect(decide(send, before, clock.now()).allow).toBe(true);
    store.close();
    tamper(folder, sql);

    const { peers, inbox, guard } = tempStore(clock, folder);
    const judge = createJudge({ peers, inbox, guard, clock });
    const unreadable = expect.objectContaining({
      code: 'storage-unavailable',
      message: expect.stringContaining('the policy is unreadable') as string,
    }) as Error;
    expect(() => peers.policy()).toThrow(unreadable);
    for (const operation of OPERATIONS)
      expect(() => judge.explain('bob', operation, 'handoff'), operation).toThrow(unreadable);
    expect(() => judge.clock()).toThrow(unreadable);
  });

  it('by a table that is gone keeps the proxy from starting', () => {
    const folder = tempFolder();
    paired(folder, createFakeClock()).close();
    tamper(folder, `DROP TABLE grants`);
    expect(() => tempStore(createFakeClock(), folder)).toThrow('no such table');
  });

  it('is told with what is wrong in it, and what to do', () => {
    const folder = tempFolder();
    paired(folder, createFakeClock()).close();
    tamper(folder, `UPDATE grants SET hold = 'maybe'`);
    const { peers } = tempStore(createFakeClock(), folder);
    expect(() => peers.policy()).toThrow(
      expect.objectContaining({
        code: 'storage-unavailable',
        message: `the policy is unreadable: a grant's hold`,
        fix: expect.stringContaining('Nobody is let in') as string,
      }) as Error,
    );
  });

  it('with a number that cannot be, lets no message in', () => {
    const folder = tempFolder();
    const clock = createFakeClock();
    paired(folder, clock).close();
    tamper(folder, `UPDATE grants SET sends_per_minute = -1, expires_at = NULL WHERE direction = 'inbound'`);
    const policy = tempStore(clock, folder).peers.policy();
    expect(decide(send, policy, clock.now())).toMatchObject({ reason: 'sends-exceeded' });
  });

  it('with a grant of no operation, allows nothing under it', () => {
    const folder = tempFolder();
    const clock = createFakeClock();
    paired(folder, clock).close();
    tamper(folder, `UPDATE grants SET operations = '' WHERE direction = 'inbound'`);
    const policy = tempStore(clock, folder).peers.policy();
    expect(decide(send, policy, clock.now())).toMatchObject({ reason: 'operation-not-granted' });
  });

  it('takes back what was allowed while it was readable, once the store is closed', () => {
    const store = paired(tempFolder(), createFakeClock());
    store.peers.policy();
    store.close();
    expect(() => store.peers.policy()).toThrow();
  });
});

describe('the clock', () => {
  const nobodyUntilAccepted = (store: TempStore, clock: FakeClock) => {
    const { peers, inbox, guard } = store;
    const judge = createJudge({ peers, inbox, guard, clock });
    for (const operation of OPERATIONS)
      expect(judge.explain('bob', operation, 'handoff').decision, operation).toMatchObject({
        allow: false,
        reason: 'clock-behind',
      });
    expect(judge.clock()).toBe('behind');
  };

  it('that went back lets nobody do anything, and still does not after a restart', () => {
    const clock = createFakeClock();
    const store = paired(tempFolder(), clock);
    expect(store.peers.policy().asOf).toBe(clock.now());
    clock.advance(HOUR);
    expect(store.peers.policy().asOf).toBe(clock.now());
    clock.advance(-HOUR);
    nobodyUntilAccepted(store, clock);
    nobodyUntilAccepted(store.reopen(), clock);
  });

  it('is right when the owner says so, and stays so after a restart', () => {
    const clock = createFakeClock();
    const store = paired(tempFolder(), clock);
    clock.advance(HOUR);
    store.peers.policy();
    clock.advance(-HOUR);
    const later = store.reopen();
    later.peers.policy();
    later.peers.acceptClock();
    const isRight = ({ peers }: TempStore) => {
      expect(peers.policy().asOf).toBe(clock.now());
      expect(decide(send, peers.policy(), clock.now()).allow).toBe(true);
    };
    isRight(later);
    isRight(later.reopen());
  });

  it('that is set by the steps of a time service goes on, and brings nothing back all the same', () => {
    const clock = createFakeClock();
    const store = paired(tempFolder(), clock);
    const brief = 'brief' as Alias;
    store.peers.putGrant(sampleGrant({ alias: brief, expiresAt: clock.now() + CLOCK_TOLERANCE_MS }));
    clock.advance(CLOCK_TOLERANCE_MS);
    expect(decide({ ...send, alias: brief }, store.peers.policy(), clock.now())).toMatchObject({
      reason: 'grant-expired',
    });
    clock.advance(-CLOCK_TOLERANCE_MS);
    const goesOn = ({ peers }: TempStore) => {
      expect(decide(send, peers.policy(), clock.now()).allow).toBe(true);
      expect(decide({ ...send, alias: brief }, peers.policy(), clock.now())).toMatchObject({
        reason: 'grant-expired',
      });
    };
    goesOn(store);
    const later = store.reopen();
    goesOn(later);
    clock.advance(-1);
    expect(decide(send, later.peers.policy(), clock.now())).toMatchObject({ reason: 'clock-behind' });
  });

  it('goes back by no second as long as the proxy runs', () => {
    const clock = createFakeClock();
    const { peers } = paired(tempFolder(), clock);
    peers.policy();
    clock.advance(1000);
    const latest = peers.policy().asOf;
    clock.advance(-1000);
    expect(peers.policy().asOf).toBe(latest);
  });

  it('whose mark is gone from the file lets nobody do anything', () => {
    const folder = tempFolder();
    const clock = createFakeClock();
    paired(folder, clock).close();
    tamper(folder, 'DELETE FROM clock');
    nobodyUntilAccepted(tempStore(clock, folder), clock);
  });
});

describe('the watch over the policy', () => {
  const EVERY_MS = 30_000;
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells the owner once that it cannot be read, and once that it can again', () => {
    const log = createMemoryLog();
    const { peers } = tempStore();
    const state = { broken: false };
    const policy = () => {
      if (state.broken) throw new Error('a row makes no sense');
      return peers.policy();
    };
    onTestFinished(watchPolicy({ peers: { policy }, log, everyMs: EVERY_MS }));
    for (const broken of [false, true, true, true, false, false]) {
      state.broken = broken;
      vi.advanceTimersByTime(EVERY_MS);
    }
    expect(log.events.map(([event]) => event)).toEqual(['policy-unavailable', 'policy-readable']);
  });

  it('lets a stack that nobody asks see the time pass: a clock that is set back then is behind', () => {
    const clock = createFakeClock();
    const store = tempStore(clock);
    onTestFinished(watchPolicy({ peers: store.peers, log: createMemoryLog(), everyMs: EVERY_MS }));
    const started = clock.now();
    clock.advance(3_600_000);
    vi.advanceTimersByTime(EVERY_MS);
    clock.advance(-3_000_000);
    const { peers } = store.reopen();
    expect(peers.policy().asOf).toBe(started + 3_600_000);
  });
});

describe('a stop', () => {
  it('forgets nothing of the time that was seen', () => {
    const clock = createFakeClock();
    const store = tempStore(clock);
    const latest = store.peers.policy().asOf + 29_000;
    clock.advance(29_000);
    expect(store.peers.policy().asOf).toBe(latest);
    clock.advance(-20_000);
    expect(store.reopen().peers.policy().asOf).toBe(latest);
  });
});
