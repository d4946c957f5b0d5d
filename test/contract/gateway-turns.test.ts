/**
 * Running a turn. One message is one turn: the gateway is sent exactly our own values, the whole reply comes back,
 * and every other ending is told apart, above all whether the session can have seen the message: `not-sent` says that
 * it surely has not, `lost` says that it may have. Nothing that the gateway says of itself gets out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { never, SESSION, startPaired, turnOf, type Paired } from '../harness/paired-gateway.ts';

async function delivered({ fake }: Paired, texts: number): Promise<void> {
  while (fake.delivered(SESSION).length < texts) await sleep(5);
}

function framesOf({ fake }: Paired, method: string) {
  return fake.frames.filter((frame) => frame.method === method).map(({ params }) => params);
}

describe('what the gateway is sent', () => {
  it('is our own values and nothing else', async () => {
    const all = await startPaired();
    const turn = turnOf('framed text', { deadlineMs: 90_500 });
    await all.gateway.runTurn(turn, never);
    expect(framesOf(all, 'agent')).toEqual([
      {
        message: 'framed text',
        sessionKey: SESSION,
        deliver: false,
        idempotencyKey: turn.key,
        inputProvenance: {
          kind: 'inter_session',
          sourceSessionKey: 'agent-peer:bob',
          sourceTool: 'agent-peer',
        },
        timeout: 96,
      },
    ]);
  });
});

describe('how a turn ends', () => {
  it('with the whole reply, however long', async () => {
    const long = 'ä'.repeat(100_000);
    const { gateway } = await startPaired({ reply: () => long });
    expect(await gateway.runTurn(turnOf('go'), never)).toEqual({ kind: 'replied', text: long });
  });

  it.each(['NO_REPLY', ' NO_REPLY\n', ''])('silently when the model says %j', async (reply) => {
    const { gateway } = await startPaired({ reply: () => reply });
    expect(await gateway.runTurn(turnOf('go'), never)).toEqual({ kind: 'silent' });
  });

  it('failed when the model call fails, with nothing of what the gateway tells', async () => {
    const { gateway, log } = await startPaired({ reply: () => ({ fails: true }) });
    const outcome = await gateway.runTurn(turnOf('go'), never);
    expect(outcome).toEqual({ kind: 'failed', detail: 'the turn failed in the gateway' });
    expect(log.text()).not.toContain('secret');
  });

  it('failed when the session belongs to an agent that is not there', async () => {
    const { gateway } = await startPaired();
    const sessionKey = 'agent:nobody:peer-bob' as typeof SESSION;
    expect(await gateway.runTurn(turnOf('go', { sessionKey }), never)).toMatchObject({ kind: 'failed' });
  });

  it('failed at its deadline, and the gateway is told to abort it', async () => {
    const all = await startPaired();
    all.fake.hold();
    const turn = turnOf('go', { deadlineMs: 100 });
    const outcome = await all.gateway.runTurn(turn, never);
    expect(outcome.kind).toBe('failed');
    expect(JSON.stringify(outcome)).toContain('deadline');
    expect(framesOf(all, 'chat.abort')).toEqual([{ sessionKey: SESSION, runId: turn.key }]);
    expect(await all.gateway.findTurn(turn)).toMatchObject({ kind: 'failed' });
  });

  it('failed when it is stopped for a reason, and the gateway is told to abort it', async () => {
    const all = await startPaired();
    all.fake.hold();
    const stop = new AbortController();
    const turn = turnOf('go');
    const running = all.gateway.runTurn(turn, stop.signal);
    await delivered(all, 1);
    stop.abort(new Error('the peer was revoked'));
    expect(await running).toMatchObject({ kind: 'failed' });
    expect(framesOf(all, 'chat.abort')).toHaveLength(1);
  });

  it('failed when it is stopped after the connection that it was asked on has gone', async () => {
    const all = await startPaired();
    all.fake.hold();
    const turn = turnOf('go');
    const running = all.gateway.runTurn(turn, never);
    await delivered(all, 1);
    all.fake.dropConnections();
    expect(await running).toMatchObject({ kind: 'lost' });
    await all.gateway.whenReady(AbortSignal.timeout(5_000));
    await all.gateway.abortTurn(turn);
    expect(framesOf(all, 'chat.abort')).toContainEqual({ sessionKey: SESSION, runId: turn.key });
    expect(await all.gateway.findTurn(turn)).toMatchObject({ kind: 'failed' });
  });

  it('as it does when the gateway that is told to stop it is away, or knows no such turn', async () => {
    const all = await startPaired();
    const turn = turnOf('go');
    await all.gateway.abortTurn(turn);
    expect(await all.gateway.runTurn(turn, never)).toMatchObject({ kind: 'replied' });
    await all.fake.crash();
    await expect(all.gateway.abortTurn(turn)).resolves.toBeUndefined();
  });
});

describe('when the session may have seen the message', () => {
  it('is lost when the connection goes while it runs; the turn is found again', async () => {
    const all = await startPaired();
    all.fake.hold();
    const turn = turnOf('go');
    const running = all.gateway.runTurn(turn, never);
    await delivered(all, 1);
    all.fake.dropConnections();
    expect(await running).toMatchObject({ kind: 'lost' });
    all.fake.release();
    await all.gateway.whenReady(AbortSignal.timeout(5_000));
    expect(await all.gateway.findTurn(turn)).toEqual({ kind: 'replied', text: 'You said: go' });
    expect(all.fake.delivered(SESSION)).toEqual(['go']);
  });

  it('is lost when we stop without a reason: the turn goes on there', async () => {
    const all = await startPaired();
    all.fake.hold();
    const stop = new AbortController();
    const turn = turnOf('go');
    const running = all.gateway.runTurn(turn, stop.signal);
    await delivered(all, 1);
    stop.abort();
    expect(await running).toMatchObject({ kind: 'lost' });
    expect(framesOf(all, 'chat.abort')).toEqual([]);
    expect(await all.gateway.findTurn(turn)).toEqual({ kind: 'running' });
  });

  it('is lost when another request for it is under way', async () => {
    const all = await startPaired();
    all.fake.hold();
    const turn = turnOf('go');
    const running = all.gateway.runTurn(turn, never);
    await delivered(all, 1);
    expect(await all.gateway.runTurn(turn, never)).toMatchObject({ kind: 'lost' });
    all.fake.release();
    expect(await running).toMatchObject({ kind: 'replied' });
    expect(all.fake.delivered(SESSION)).toEqual(['go']);
  });
});

describe('when the session has surely not seen the message', () => {
  it('is not sent while there is no connection', async () => {
    const all = await startPaired();
    await all.fake.crash();
    while (all.gateway.state().kind === 'ready') await sleep(5);
    expect(await all.gateway.runTurn(turnOf('go'), never)).toMatchObject({ kind: 'not-sent' });
  });

  it('is not sent when it was stopped before', async () => {
    const all = await startPaired();
    expect(await all.gateway.runTurn(turnOf('go'), AbortSignal.abort())).toMatchObject({ kind: 'not-sent' });
    expect(framesOf(all, 'agent')).toEqual([]);
  });

  it('is delivered once, and once only, after a gateway stopped that had accepted and not begun it', async () => {
    const all = await startPaired();
    all.fake.hold();
    const first = turnOf('first');
    const second = turnOf('second');
    const before = all.gateway.runTurn(first, never);
    await delivered(all, 1);
    const waiting = all.gateway.runTurn(second, never);
    while (framesOf(all, 'agent').length < 2) await sleep(5);
    await all.fake.stop();
    expect((await before).kind).toBe('lost');
    expect((await waiting).kind).toBe('lost');
    all.fake.release();
    while (all.gateway.state().kind === 'ready') await sleep(5);
    await all.fake.start();
    await all.gateway.whenReady(AbortSignal.timeout(10_000));
    expect(await all.gateway.findTurn(second)).toEqual({ kind: 'absent' });
    expect(await all.gateway.runTurn(second, never)).toEqual({ kind: 'replied', text: 'You said: second' });
    expect(await all.gateway.findTurn(second)).toEqual({ kind: 'replied', text: 'You said: second' });
    expect(all.fake.delivered(SESSION)).toEqual(['first', 'second']);
  });
});
