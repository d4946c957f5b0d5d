/**
 * Looking for a turn. After a lost connection or a restart the session's history is the only witness. It is read so
 * that a turn is never run twice: `absent` is said only where the history shows that nothing is missing, a reply is
 * only taken from the turn itself or from the gateway's own resumption of it, and what cannot be told is said to be
 * undecidable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FakeGatewayOptions } from '../harness/fake-gateway.ts';
import { never, SESSION, startPaired, turnOf, type Paired } from '../harness/paired-gateway.ts';
import type { TurnTrace } from '../../src/core/inbox.ts';
import type { Turn } from '../../src/ports/gateway.ts';

const HOUR_MS = 3_600_000;

/** A turn that was handed over, and then nothing more was heard of. */
async function abandoned(all: Paired, turn: Turn): Promise<void> {
  const stop = new AbortController();
  const count = all.fake.delivered(turn.sessionKey).length;
  const running = all.gateway.runTurn(turn, stop.signal);
  while (all.fake.delivered(turn.sessionKey).length === count) await sleep(5);
  stop.abort();
  await running;
}

async function afterCrash(all: Paired, options?: { resume: boolean }): Promise<void> {
  await all.fake.crash();
  while (all.gateway.state().kind === 'ready') await sleep(5);
  await all.fake.start(options);
  await all.gateway.whenReady(AbortSignal.timeout(10_000));
}

async function settled({ gateway }: Paired, turn: Turn): Promise<TurnTrace> {
  for (;;) {
    const trace = await gateway.findTurn(turn);
    if (trace.kind !== 'running') return trace;
    await sleep(10);
  }
}

describe('a turn that the session saw', () => {
  it.each<[string, FakeGatewayOptions['reply'], TurnTrace]>([
    ['replied', () => 'the reply', { kind: 'replied', text: 'the reply' }],
    ['replied at length', () => 'x'.repeat(100_000), { kind: 'replied', text: 'x'.repeat(100_000) }],
    ['was silent', () => 'NO_REPLY', { kind: 'silent' }],
    ['said nothing', () => '', { kind: 'silent' }],
    ['failed', () => ({ fails: true }), { kind: 'failed', detail: 'the turn failed in the gateway' }],
  ])('and that %s', async (_name, reply, trace) => {
    const all = await startPaired({ reply: reply ?? (() => '') });
    const turn = turnOf('go');
    await all.gateway.runTurn(turn, never);
    expect(await all.gateway.findTurn(turn)).toEqual(trace);
    expect(await all.gateway.findTurn({ ...turn, since: Date.now() })).toEqual(trace);
  });

  it('runs as long as it runs', async () => {
    const all = await startPaired();
    all.fake.hold();
    const turn = turnOf('go');
    await abandoned(all, turn);
    expect(await all.gateway.findTurn(turn)).toEqual({ kind: 'running' });
    all.fake.release();
    expect(await settled(all, turn)).toEqual({ kind: 'replied', text: 'You said: go' });
  });

  it('is found behind hundreds of later rows', async () => {
    const all = await startPaired();
    const turn = turnOf('the one');
    await all.gateway.runTurn(turn, never);
    for (let rows = 0; rows < 420; rows += 2) await all.gateway.runTurn(turnOf('noise'), never);
    expect(await all.gateway.findTurn(turn)).toEqual({ kind: 'replied', text: 'You said: the one' });
  });

  it('was silent, with another turn behind it', async () => {
    const all = await startPaired({ reply: (text) => (text === 'quiet' ? 'NO_REPLY' : 'loud') });
    const turn = turnOf('quiet');
    await all.gateway.runTurn(turn, never);
    await all.gateway.runTurn(turnOf('other'), never);
    expect(await all.gateway.findTurn(turn)).toEqual({ kind: 'silent' });
  });

  it('never answers with the reply of the turn behind it', async () => {
    const all = await startPaired({ reply: (text) => (text === 'bad' ? { fails: true } : 'good') });
    const turn = turnOf('bad');
    await all.gateway.runTurn(turn, never);
    await all.gateway.runTurn(turnOf('other'), never);
    expect(await all.gateway.findTurn(turn)).toMatchObject({ kind: 'failed' });
  });
});

describe('a gateway that was killed during the turn', () => {
  it('resumes it, and the reply is the one of the resumption', async () => {
    const all = await startPaired({
      reply: (text) => (text.startsWith('[System]') ? 'resumed' : `said ${text}`),
    });
    all.fake.hold();
    const turn = turnOf('go');
    await abandoned(all, turn);
    await afterCrash(all, { resume: false });
    expect(await all.gateway.findTurn(turn)).toEqual({ kind: 'running' });
    all.fake.resumeTurns();
    all.fake.release();
    expect(await settled(all, turn)).toEqual({ kind: 'replied', text: 'resumed' });
    expect(all.fake.delivered(SESSION)).toEqual(['go']);
  });

  it('resumes it silently', async () => {
    const all = await startPaired({
      reply: (text) => (text.startsWith('[System]') ? 'NO_REPLY' : `said ${text}`),
    });
    all.fake.hold();
    const turn = turnOf('go');
    await abandoned(all, turn);
    await afterCrash(all);
    all.fake.release();
    expect(await settled(all, turn)).toEqual({ kind: 'silent' });
  });

  it('does not remember how a silent turn ended that others followed', async () => {
    const all = await startPaired({ reply: (text) => (text === 'quiet' ? 'NO_REPLY' : 'loud') });
    const turn = turnOf('quiet');
    await all.gateway.runTurn(turn, never);
    await afterCrash(all);
    await all.gateway.runTurn(turnOf('other'), never);
    expect(await all.gateway.findTurn(turn)).toMatchObject({ kind: 'undecidable' });
  });
});

describe('a turn that the session did not see', () => {
  it('is absent from a session that never was', async () => {
    const all = await startPaired();
    expect(await all.gateway.findTurn(turnOf('go'))).toEqual({ kind: 'absent' });
  });

  it('is absent from a session with other turns', async () => {
    const all = await startPaired();
    await all.gateway.runTurn(turnOf('other'), never);
    expect(await all.gateway.findTurn(turnOf('go'))).toEqual({ kind: 'absent' });
    expect(await all.gateway.findTurn({ ...turnOf('go'), since: Date.now() + HOUR_MS })).toEqual({
      kind: 'absent',
    });
  });

  it('cannot be told from one that a reset took away', async () => {
    const all = await startPaired();
    await all.gateway.runTurn(turnOf('other'), never);
    all.fake.resetSession(SESSION);
    expect(await all.gateway.findTurn(turnOf('go'))).toMatchObject({ kind: 'undecidable' });
    expect(await all.gateway.findTurn({ ...turnOf('go'), since: Date.now() })).toMatchObject({
      kind: 'undecidable',
    });
  });

  it('cannot be told from one that was cut off an old session', async () => {
    const all = await startPaired();
    await all.gateway.runTurn(turnOf('other'), never);
    all.fake.ageSession(SESSION);
    all.fake.shortenSession(SESSION, 1);
    expect(await all.gateway.findTurn({ ...turnOf('go'), since: Date.now() })).toMatchObject({
      kind: 'undecidable',
    });
  });

  it.each([
    ['the last row is left', 1],
    ['nothing is left', 0],
  ])('cannot be told from one that was cut off a young session, of which %s', async (_name, rows) => {
    const all = await startPaired();
    await all.gateway.runTurn(turnOf('other'), never);
    all.fake.shortenSession(SESSION, rows);
    expect(await all.gateway.findTurn({ ...turnOf('go'), since: Date.now() })).toMatchObject({
      kind: 'undecidable',
    });
  });

  it('cannot be told from one before a compaction, which leaves a mark', async () => {
    const all = await startPaired();
    await all.gateway.runTurn(turnOf('other'), never);
    all.fake.compactSession(SESSION);
    expect(await all.gateway.findTurn({ ...turnOf('go'), since: Date.now() })).toMatchObject({
      kind: 'undecidable',
    });
  });

  it('is absent when the reset was long before it could come', async () => {
    const all = await startPaired();
    all.fake.resetSession(SESSION);
    expect(await all.gateway.findTurn({ ...turnOf('go'), since: Date.now() + HOUR_MS })).toEqual({
      kind: 'absent',
    });
  });
});

describe('a gateway that cannot be asked', () => {
  it('is waited for', async () => {
    const all = await startPaired();
    const turn = turnOf('go');
    await all.gateway.runTurn(turn, never);
    all.fake.dropConnections();
    while (all.gateway.state().kind === 'ready') await sleep(5);
    expect(await all.gateway.findTurn(turn)).toMatchObject({ kind: 'replied' });
  });

  it('is an error when it does not come back, and decides nothing', async () => {
    const all = await startPaired();
    await all.fake.crash();
    await expect(all.gateway.findTurn(turnOf('go'))).rejects.toMatchObject({ code: 'gateway-unreachable' });
  });
});
