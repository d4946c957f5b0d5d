/**
 * What the owner of a running stack is told of.
 *
 * What needs a person becomes a notice within a look, once while its cause lasts, and is over by itself. It is on disk, so
 * a restart neither forgets nor repeats it. The webhook is tried again until it takes a notice, for a day; a session of
 * the local agent is shown each notice once, however that turn ends. Nothing that anybody said is in one.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TaskId } from '../../src/core/message.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { createNoticeWorker, type NoticeWorker } from '../../src/notices/notice-worker.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { fakeTailnet, tailnetNode, tailnetState } from '../harness/fake-tailnet.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { startPaired } from '../harness/paired-gateway.ts';
import { BOB, HANDOFF, sampleGrant, sampleInbound, sampleOutbound, samplePeer } from '../harness/samples.ts';
import { createScriptedGateway } from '../harness/scripted-gateway.ts';
import { tempStore, type TempStore } from '../harness/temp-store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const OWN = 'agent:main:main' as SessionKey;

interface Options {
  readonly webhook?: boolean;
  readonly session?: boolean;
}

/** A store with bob in it, and all around it in the hands of the test. */
function ground({ webhook = false, session = false }: Options = {}) {
  const clock = createFakeClock();
  const store = tempStore(clock);
  store.peers.addPeer(samplePeer(BOB));
  const tailnet = tailnetState(tailnetNode('nalice', '100.64.0.1'), [tailnetNode('nbobCNTRL', '100.64.0.2')]);
  const gateway = createScriptedGateway();
  const log = createMemoryLog();
  /** What the webhook answers; null is a yes. */
  const hook = { answer: null as string | null, told: [] as string[] };
  return { clock, store, tailnet, gateway, log, hook, webhook, session };
}
type Ground = ReturnType<typeof ground>;

/** Looks every few milliseconds, until the test or the given stop ends it. */
function begin(g: Ground, store: TempStore = g.store, onTell: () => void = () => undefined): NoticeWorker {
  const telling = { store: store.notices, clock: g.clock, random: fixedRandom, log: g.log };
  const tell = ({ text }: { readonly text: string }) => {
    g.hook.told.push(text);
    onTell();
    return Promise.resolve(g.hook.answer);
  };
  const worker = createNoticeWorker({
    ...telling,
    sources: {
      store: store.notices,
      peers: store.peers,
      tailnet: fakeTailnet(g.tailnet),
      gateway: g.gateway,
    },
    webhook: g.webhook ? { tell } : null,
    session: g.session ? { ...telling, gateway: g.gateway, sessionKey: OWN, turnMs: 1_000 } : null,
    everyMs: 2,
  });
  onTestFinished(() => worker.stop());
  worker.start();
  return worker;
}

let words = 0;
const fixedRandom = {
  uuid: () => 'x',
  word: (length: number) => String((words += 1)).padStart(length, 'w'),
  fraction: () => 1,
};

const openKinds = ({ notices }: TempStore) => notices.open().map(({ kind }) => kind);
const soon = (look: () => void) => vi.waitFor(look, { timeout: 5_000, interval: 2 });

/** Two looks after now have ended: the second began after all that was before this call. */
async function looks(g: Ground): Promise<void> {
  const asked = vi.spyOn(g.gateway, 'state');
  await soon(() => expect(asked.mock.calls.length).toBeGreaterThan(3));
  asked.mockRestore();
}

function holdOne(g: Ground, id = 'm1'): void {
  g.store.inbox.accept(
    sampleInbound(id, { hold: 'grant', text: 'the words of bob', createdAt: g.clock.now() }),
  );
}

describe('a cause', () => {
  it('is told once in the log while it lasts, and is over by itself', async () => {
    const g = ground();
    holdOne(g);
    begin(g);
    await soon(() => expect(openKinds(g.store)).toEqual(['hold']));
    holdOne(g, 'm2');
    await soon(() => expect(g.store.notices.open()[0]?.text).toContain('2 messages wait'));
    for (const { taskId } of g.store.inbox.held(10))
      g.store.inbox.apply(taskId, { kind: 'approved' }, g.clock.now());
    await soon(() => expect(openKinds(g.store)).toEqual([]));
    const text = 'bob: 1 message waits for you to look at. Run: agent-peer held list';
    expect(g.log.events).toEqual([
      ['notice', { kind: 'hold', peer: 'bob', text }],
      ['notice-over', { kind: 'hold', peer: 'bob' }],
    ]);
  });

  it('that is a secret is told apart, of messages and replies, and is in no notice', async () => {
    const g = ground({ webhook: true, session: true });
    const [text, now] = [`ghp_${'Ab1'.repeat(12)}`, g.clock.now()];
    g.store.outbox.add(sampleOutbound('out', { hold: 'looks-secret', text }));
    g.store.inbox.accept(sampleInbound('in', { createdAt: now }));
    const taskId = 'task-in' as TaskId;
    const hold = { reason: 'looks-secret', until: now + DAY } as const;
    g.store.inbox.apply(taskId, { kind: 'begun' }, now);
    g.store.inbox.apply(taskId, { kind: 'turn', outcome: { kind: 'replied', text }, hold }, now);
    begin(g);
    await soon(() => expect(g.gateway.turns).toHaveLength(1));
    const notice =
      'bob: 2 messages wait for you to look at (what looks like a secret: 2). Run: agent-peer held list';
    expect(g.hook.told).toEqual([notice]);
    expect(g.gateway.turns[0]?.text).toContain(notice);
    expect(JSON.stringify([g.store.notices.list(10), g.log.events, g.gateway.turns])).not.toContain(text);
  });

  it('is found wherever messages wait or ended', async () => {
    const g = ground();
    const { store, clock } = g;
    const at = { now: clock.now(), nextAttemptAt: clock.now() };
    store.inbox.accept(sampleInbound('in', { hold: 'turns-per-hour' }));
    const ids = ['out', 'there', 'expired', 'uncertain', 'fine'];
    for (const id of ids) store.outbox.add(sampleOutbound(id, { hold: id === 'out' ? 'grant' : null }));
    const apply = (id: string, event: Parameters<typeof store.outbox.apply>[1]) =>
      store.outbox.apply(sampleOutbound(id).id, event, at);
    apply('there', { kind: 'receipt', taskId: 't', held: 'hop-limit' });
    apply('expired', { kind: 'expired' });
    apply('uncertain', { kind: 'uncertain', detail: 'nobody knows' });
    apply('fine', { kind: 'receipt', taskId: 't', held: 'reply' });
    begin(g);
    await soon(() =>
      expect(openKinds(store)).toEqual([
        'hold',
        'budget-spent',
        'budget-spent-at-peer',
        'expired',
        'uncertain',
      ]),
    );
    clock.advance(DAY);
    await soon(() => expect(openKinds(store)).toEqual(['hold', 'budget-spent', 'budget-spent-at-peer']));
  });

  it('is a peer that does not take what waits for it, until it does', async () => {
    const g = ground();
    g.store.outbox.add(sampleOutbound('m1', { createdAt: g.clock.now() }));
    g.tailnet.peers[0] = { ...tailnetNode('nbobCNTRL', '100.64.0.2'), online: false };
    begin(g);
    await looks(g);
    expect(openKinds(g.store)).toEqual([]);
    g.clock.advance(6 * HOUR);
    await soon(() => expect(g.store.notices.open()[0]?.text).toContain('it is away; 1 message waits'));
    g.tailnet.peers[0] = { ...tailnetNode('nbobCNTRL', '100.64.0.2'), online: true };
    await soon(() => expect(g.store.notices.open()[0]?.text).toContain('its node is there'));
    g.store.outbox.apply(
      sampleOutbound('m1').id,
      { kind: 'receipt', taskId: 't1' },
      { now: g.clock.now(), nextAttemptAt: 0 },
    );
    await soon(() => expect(openKinds(g.store)).toEqual([]));
  });

  it('is a gateway that is away for an hour, and no gateway at all is none', async () => {
    const g = ground();
    begin(g);
    g.gateway.disconnect();
    await looks(g);
    g.clock.advance(HOUR);
    await soon(() => expect(openKinds(g.store)).toEqual(['gateway-away']));
    g.gateway.connect();
    await soon(() => expect(openKinds(g.store)).toEqual([]));
    vi.spyOn(g.gateway, 'state').mockReturnValue({ kind: 'unpaired' });
    g.clock.advance(HOUR);
    await looks(g);
    expect(openKinds(g.store)).toEqual([]);
  });

  it('is a credential near its end: of a peer, of a grant, of this node', async () => {
    const g = ground();
    const expiresAt = g.clock.now() + DAY;
    g.store.peers.putGrant(sampleGrant({ expiresAt }));
    g.tailnet.keyExpiresAt = expiresAt;
    begin(g);
    await soon(() =>
      expect(g.store.notices.open().map(({ subject }) => subject)).toEqual([
        `grant inbound bob ${HANDOFF}`,
        'node',
      ]),
    );
    // What cannot be asked has not changed.
    g.tailnet.down = true;
    await looks(g);
    expect(openKinds(g.store)).toHaveLength(2);
  });

  it('is none of what a revoke of the owner has ended', async () => {
    const g = ground();
    g.store.outbox.add(sampleOutbound('m1'));
    g.store.outbox.apply(
      sampleOutbound('m1').id,
      { kind: 'receipt', taskId: 't1', held: 'hop-limit' },
      { now: g.clock.now(), nextAttemptAt: 0 },
    );
    g.store.peers.revoke(BOB, g.clock.now());
    begin(g);
    await looks(g);
    expect(g.store.notices.list(10)).toEqual([]);
  });

  it('shows no words, no session and no id of a message', async () => {
    const g = ground({ webhook: true, session: true });
    holdOne(g);
    begin(g);
    await soon(() => expect(g.gateway.turns).toHaveLength(1));
    const shown = JSON.stringify([
      g.store.notices.list(10),
      g.log.events,
      g.hook.told,
      g.gateway.turns[0]?.text,
    ]);
    expect(shown).toContain('bob');
    for (const secret of ['the words of bob', 'agent:main', 'm1', 'task-'])
      expect(shown).not.toContain(secret);
  });
});

describe('a restart', () => {
  it('neither forgets a notice nor tells it again', async () => {
    const g = ground({ webhook: true });
    holdOne(g);
    const first = begin(g);
    await soon(() => expect(g.store.notices.open()[0]?.toldAt).toBe(g.clock.now()));
    await first.stop();
    const reopened = g.store.reopen();
    begin(g, reopened);
    await looks(g);
    expect(reopened.notices.open()).toHaveLength(1);
    expect(g.hook.told).toHaveLength(1);
    expect(g.log.events.filter(([event]) => event === 'notice')).toHaveLength(1);
  });

  it('goes on with one that the webhook did not take', async () => {
    const g = ground({ webhook: true });
    g.hook.answer = 'HTTP 500';
    holdOne(g);
    const first = begin(g);
    await soon(() => expect(g.store.notices.open()[0]?.attempts).toBe(1));
    await first.stop();
    g.hook.answer = null;
    const reopened = g.store.reopen();
    begin(g, reopened);
    await looks(g);
    expect(reopened.notices.open()[0]?.toldAt).toBeNull();
    g.clock.advance(MINUTE);
    await soon(() => expect(reopened.notices.open()[0]?.toldAt).toBe(g.clock.now()));
  });
});

describe('the webhook', () => {
  it('is tried ever more rarely, and given up after a day, which the log tells', async () => {
    const g = ground({ webhook: true });
    g.hook.answer = 'HTTP 500';
    holdOne(g);
    begin(g);
    const attempts = () => g.store.notices.open()[0]?.attempts;
    await soon(() => expect(attempts()).toBe(1));
    for (const [pause, count] of [
      [MINUTE, 2],
      [2 * MINUTE, 3],
      [4 * MINUTE, 4],
    ] as const) {
      g.clock.advance(pause - 1);
      await looks(g);
      expect(attempts()).toBe(count - 1);
      g.clock.advance(1);
      await soon(() => expect(attempts()).toBe(count));
    }
    g.clock.advance(DAY);
    await soon(() =>
      expect(g.log.events.at(-1)).toEqual([
        'notice-given-up',
        { kind: 'hold', peer: 'bob', detail: 'HTTP 500' },
      ]),
    );
    g.clock.advance(DAY);
    await looks(g);
    expect(g.hook.told).toHaveLength(5);
    expect(openKinds(g.store)).toEqual(['hold']);
  });

  it('is told what was there before there was one', async () => {
    const g = ground();
    holdOne(g);
    const without = begin(g);
    await soon(() => expect(openKinds(g.store)).toEqual(['hold']));
    await without.stop();
    g.clock.advance(2 * DAY);
    begin({ ...g, webhook: true });
    await soon(() => expect(g.hook.told).toHaveLength(1));
  });

  it('is not told what is over', async () => {
    const g = ground({ webhook: true });
    g.hook.answer = 'HTTP 500';
    holdOne(g);
    begin(g);
    await soon(() => expect(g.store.notices.open()[0]?.attempts).toBe(1));
    g.store.peers.revoke(BOB, g.clock.now());
    await soon(() => expect(openKinds(g.store)).toEqual([]));
    g.clock.advance(HOUR);
    await looks(g);
    expect(g.hook.told).toHaveLength(1);
  });

  it('is not asked again when it took a notice while the stack was stopping', async () => {
    const g = ground({ webhook: true });
    holdOne(g);
    const first = begin(g, g.store, () => void first.stop());
    await soon(() => expect(g.hook.told).toHaveLength(1));
    await first.stop();
    begin(g);
    await looks(g);
    expect(g.hook.told).toHaveLength(1);
  });

  it('does not ring for each message of a peer that comes and goes', async () => {
    const g = ground({ webhook: true });
    begin(g);
    const comeAndGo = async (id: string) => {
      holdOne(g, id);
      await soon(() => expect(openKinds(g.store)).toEqual(['hold']));
      await looks(g);
      g.store.inbox.apply(sampleInbound(id).taskId, { kind: 'cancelled', detail: null }, g.clock.now());
      await soon(() => expect(openKinds(g.store)).toEqual([]));
    };
    for (const id of ['m1', 'm2', 'm3']) await comeAndGo(id);
    expect(g.hook.told).toHaveLength(1);
    holdOne(g, 'm4');
    await soon(() => expect(openKinds(g.store)).toEqual(['hold']));
    g.clock.advance(10 * MINUTE);
    await soon(() => expect(g.hook.told).toHaveLength(2));
  });
});

describe('a session of the local agent', () => {
  it('is shown all that is open as one turn, in our words, and no more than one an hour', async () => {
    const g = ground({ session: true });
    holdOne(g);
    g.tailnet.keyExpiresAt = g.clock.now() + DAY;
    begin(g);
    await soon(() => expect(g.gateway.turns).toHaveLength(1));
    const [turn] = g.gateway.turns;
    expect(turn).toMatchObject({ sessionKey: OWN, source: 'agent-peer', deadlineMs: 1_000 });
    expect(turn?.key).toHaveLength(64);
    expect(turn?.text.split('\n')).toEqual([
      expect.stringContaining('Notice from agent-peer'),
      expect.stringContaining('Tell your user'),
      '- bob: 1 message waits for you to look at. Run: agent-peer held list',
      expect.stringContaining('- The tailnet key of this node ends at 2026-01-02 00:00 UTC'),
    ]);
    g.store.outbox.add(sampleOutbound('x'));
    g.store.outbox.apply(
      sampleOutbound('x').id,
      { kind: 'uncertain', detail: '' },
      { now: g.clock.now(), nextAttemptAt: 0 },
    );
    g.clock.advance(HOUR - 1);
    await soon(() => expect(openKinds(g.store)).toContain('uncertain'));
    await looks(g);
    expect(g.gateway.turns).toHaveLength(1);
    g.clock.advance(1);
    await soon(() => expect(g.gateway.turns).toHaveLength(2));
    expect(g.gateway.turns[1]?.text).toContain('nobody can tell');
    expect(g.gateway.turns[1]?.text).not.toContain('waits for you');
    expect(g.gateway.turns[1]?.key).not.toBe(turn?.key);
  });

  it.each([
    ['lost', { kind: 'lost', detail: 'cut' }],
    ['failed', { kind: 'failed', detail: 'broke' }],
  ] as const)('is shown a notice once, also when the turn was %s', async (_how, outcome) => {
    const g = ground({ session: true });
    g.gateway.nextOutcomes(outcome);
    holdOne(g);
    begin(g);
    await soon(() => expect(g.log.text()).toContain('notices-into-session'));
    g.clock.advance(2 * HOUR);
    await looks(g);
    expect(g.gateway.turns).toEqual([]);
  });

  it('is shown it later when the gateway was away, or surely did not get it', async () => {
    const g = ground({ session: true });
    g.gateway.disconnect();
    holdOne(g);
    begin(g);
    await looks(g);
    g.gateway.nextOutcomes({ kind: 'not-sent', detail: 'stopping' });
    g.gateway.connect();
    await soon(() => expect(g.gateway.turns).toHaveLength(1));
  });

  it('is not waited for by the webhook', async () => {
    const g = ground({ session: true, webhook: true });
    g.gateway.answer(() => new Promise(() => undefined));
    holdOne(g);
    const worker = begin(g);
    await soon(() => expect(g.gateway.turns).toHaveLength(1));
    g.tailnet.keyExpiresAt = g.clock.now() + DAY;
    await soon(() => expect(g.hook.told).toHaveLength(2));
    await worker.stop();
  });

  it('gets it as the gateway takes a turn', async () => {
    const { gateway, fake } = await startPaired();
    const g = { ...ground({ session: true }), gateway: Object.assign(createScriptedGateway(), gateway) };
    holdOne(g);
    begin(g);
    await soon(() => expect(fake.delivered(OWN)).toHaveLength(1));
    expect(fake.delivered(OWN)[0]).toContain('- bob: 1 message waits');
  });
});

it('looks at once when it is woken', async () => {
  const g = ground();
  const telling = { store: g.store.notices, clock: g.clock, random: fixedRandom, log: g.log };
  const sources = {
    store: g.store.notices,
    peers: g.store.peers,
    tailnet: fakeTailnet(g.tailnet),
    gateway: g.gateway,
  };
  const worker = createNoticeWorker({ ...telling, sources, webhook: null, session: null, everyMs: HOUR });
  onTestFinished(() => worker.stop());
  const asked = vi.spyOn(g.gateway, 'state');
  worker.start();
  await soon(() => expect(asked).toHaveBeenCalledOnce());
  holdOne(g);
  worker.wake();
  await soon(() => expect(openKinds(g.store)).toEqual(['hold']));
});

it('goes on when the disk does not serve for a while', async () => {
  const g = ground();
  const broken = vi.spyOn(g.store.notices, 'messages').mockImplementation(() => {
    throw new Error('disk full');
  });
  begin(g);
  await soon(() => expect(g.log.events).toContainEqual(['notices-failed', { error: 'disk full' }]));
  broken.mockRestore();
  holdOne(g);
  await soon(() => expect(openKinds(g.store)).toEqual(['hold']));
});

it('keeps the last two hundred that are over, and all that are open', () => {
  const g = ground();
  const { notices } = g.store;
  const notice = { kind: 'hold', peer: null, text: 'x' } as const;
  notices.raise({ ...notice, subject: 'first' }, 0);
  for (let i = 0; i < 230; i += 1) {
    notices.raise({ ...notice, subject: 'again' }, i);
    notices.over('hold', 'again', i);
  }
  expect(notices.open().map(({ subject }) => subject)).toEqual(['first']);
  expect(notices.list(1_000).length).toBeLessThanOrEqual(202);
});
