/**
 * One script of everything that agent-peer asks of a gateway. It runs against the fake and against a real OpenClaw,
 * and what it writes down is the same for both, or the fake has drifted from what it stands for.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLAIN } from '../../src/core/content.ts';
import { frameMessage } from '../../src/core/framing.ts';
import type { TurnOutcome, TurnTrace } from '../../src/core/inbox.ts';
import type { TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import type { SessionKey } from '../../src/core/session-key.ts';
import { toolWarning } from '../../src/core/strong-tools.ts';
import { AgentPeerError } from '../../src/errors.ts';
import { createGateway, type GatewayLimits, type StartableGateway } from '../../src/gateway/gateway.ts';
import type { Turn } from '../../src/ports/gateway.ts';
import { createMemoryCredentials } from './memory-credentials.ts';
import { createMemoryLog } from './memory-log.ts';

/** A compaction keeps every row and adds a mark; a cut keeps the last rows and adds none. */
export type SessionChange = 'compact' | 'reset' | 'delete' | { readonly keepRows: number };

/** A gateway, real or fake, whose model is `answerTo` of the lab's scripted model. */
export interface ScriptTarget {
  readonly url: string;
  readonly sharedToken: string;
  /** What the owner does to let a device in. */
  readonly approve: (requestId: string) => Promise<void>;
  /** What the owner does to a device that is to be let in no longer. */
  readonly remove: (deviceId: string) => Promise<void>;
  /** What the owner does to a session. */
  readonly change: (sessionKey: SessionKey, how: SessionChange) => Promise<void>;
  /** How often the model was asked so far. */
  readonly asked: () => Promise<number>;
  /** Ends the gateway without any warning. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export interface ScriptOptions {
  readonly limits?: Partial<GatewayLimits>;
  /** Shortens every wait and deadline of the script; the model's waits are its own. */
  readonly pace?: number;
}

export interface ScriptStep {
  readonly step: string;
  readonly result: unknown;
}

type Step = (name: string, run: () => Promise<unknown>) => Promise<void>;

const OPEN_SESSION = 'agent:main:peer-bob' as SessionKey;
const BUSY_SESSION = 'agent:main:peer-carol' as SessionKey;
/** A gateway shows the model an aborted message again, together with the next one of its session. */
const LAST_SESSION = 'agent:main:peer-dave' as SessionKey;
const CHANGED_SESSION = 'agent:main:peer-erin' as SessionKey;
const NO_SESSION = 'agent:nobody:peer-bob' as SessionKey;

const never = new AbortController().signal;

function turnFor(words: string, more: Partial<Turn> = {}): Turn {
  const id = randomUUID();
  const peer = 'bob' as PeerName;
  const text = frameMessage({
    peer,
    taskId: id as TaskId,
    hop: 0,
    text: words,
    content: PLAIN,
    waitedMs: 0,
    marker: 'abcdefghij012345',
  });
  return { key: id, sessionKey: OPEN_SESSION, text, source: 'agent-peer:bob', deadlineMs: 60_000, ...more };
}

/** Long texts are written down as their length. */
function noted(outcome: TurnOutcome | TurnTrace): unknown {
  if (outcome.kind !== 'replied' || outcome.text.length < 1000) return outcome;
  return { kind: 'replied', characters: outcome.text.length };
}

async function found(gateway: StartableGateway, turn: Turn): Promise<unknown> {
  return noted(await gateway.findTurn(turn));
}

async function ended(gateway: StartableGateway, turn: Turn): Promise<unknown> {
  for (;;) {
    const trace = await gateway.findTurn(turn);
    if (trace.kind !== 'running') return noted(trace);
    await sleep(100);
  }
}

async function pairing(step: Step, target: ScriptTarget, gateway: StartableGateway): Promise<void> {
  let requestId = '';
  let deviceId = '';
  const ask = async (): Promise<unknown> => {
    const answer = await gateway.pair(target.sharedToken);
    if (answer.kind !== 'approval-needed') return answer;
    const again = requestId === answer.requestId;
    const isSame = deviceId === '' || deviceId === answer.deviceId;
    ({ requestId, deviceId } = answer);
    return { kind: answer.kind, again, isSame, deviceId: deviceId.length };
  };
  const ready = async (): Promise<unknown> => {
    await gateway.whenReady(AbortSignal.timeout(20_000));
    return { kind: gateway.state().kind };
  };
  await step('before pairing', () => Promise.resolve(gateway.state()));
  await step('pair with a wrong shared token', () => gateway.pair('not-the-token'));
  await step('pair', ask);
  await step('pair while nobody approved', ask);
  await target.approve(requestId);
  await step('pair after the approval', ask);
  await step('pair once more', ask);
  await step('ready with the device token', ready);
  await target.remove(deviceId);
  await step('after the device was removed', async () => {
    while (gateway.state().kind !== 'refused') await sleep(50);
    return gateway.state();
  });
  await step('pair after the removal', ask);
  await target.approve(requestId);
  await step('pair after it was approved anew', ask);
  await step('ready with another device token', ready);
}

async function unpairing(step: Step, gateway: StartableGateway): Promise<void> {
  const forget = async (): Promise<unknown> => {
    const { deviceId } = await gateway.unpair();
    return { deviceId: deviceId?.length ?? null, ...gateway.state() };
  };
  await step('unpair', forget);
  await step('unpair once more', forget);
  await step('sessions without a pairing', () => gateway.sessions());
}

async function beforeTurns(step: Step, gateway: StartableGateway): Promise<void> {
  const tools = (key: SessionKey) => gateway.agentTools(key);
  await step('the default agent', () => gateway.defaultAgent());
  await step('sessions before there are any', () => gateway.sessions());
  await step('tools of an agent without a session', () => tools(OPEN_SESSION));
  await step('tools of an agent that is not there', () => tools(NO_SESSION));
}

async function afterTurns(step: Step, gateway: StartableGateway): Promise<void> {
  const warning = async (key: SessionKey) => toolWarning('main', await gateway.agentTools(key));
  await step('sessions', async () => {
    const { sessions, total } = await gateway.sessions();
    const used = sessions.map(({ usedAt }) => usedAt !== null && Date.now() - usedAt < 3_600_000);
    const rows = sessions.map(({ sessionKey, agentId }, i) => [sessionKey, agentId, used[i]].join(' '));
    return { total, rows: rows.sort() };
  });
  await step('tools, as the owner is warned of them', () => warning(OPEN_SESSION));
  await step('tools of a session that is not there, from another one', () =>
    warning('agent:main:peer-new' as SessionKey),
  );
}

async function turns(step: Step, gateway: StartableGateway, pace: number): Promise<void> {
  const run = async (turn: Turn): Promise<unknown> => noted(await gateway.runTurn(turn, never));
  const plain = turnFor('what is the plan?');
  const quiet = turnFor('NO_REPLY please');
  const long = turnFor('answer with 100000 characters');
  const failing = turnFor('fail please');
  const slow = turnFor('wait 30 seconds', { sessionKey: LAST_SESSION, deadlineMs: 5_000 * pace });
  await step('look for a turn that never was', () => found(gateway, plain));
  await step('a turn', () => run(plain));
  await step('look for it', () => found(gateway, plain));
  await step('look again', () => found(gateway, plain));
  await step('the same key again', () => run(plain));
  await step('a silent turn', () => run(quiet));
  await step('look for the silent turn', () => found(gateway, quiet));
  await step('a long reply', () => run(long));
  await step('look for the long reply', () => found(gateway, long));
  await step('look for the silent turn behind it', () => found(gateway, quiet));
  await step('a turn whose model call fails', () => run(failing));
  await step('look for the failed turn', () => found(gateway, failing));
  await step('a turn that runs out of time', () => run(slow));
  await step('look for the turn out of time', () => found(gateway, slow));
  await step('a turn for an agent that is not there', () =>
    run(turnFor('hello', { sessionKey: NO_SESSION })),
  );
}

async function queued(step: Step, gateway: StartableGateway, pace: number): Promise<void> {
  const first = turnFor('wait 8 seconds', { sessionKey: BUSY_SESSION });
  const second = turnFor('after the first', { sessionKey: BUSY_SESSION });
  const third = turnFor('too late', { sessionKey: BUSY_SESSION, deadlineMs: 2_000 * pace });
  const leaving = new AbortController();
  const left = gateway.runTurn(first, leaving.signal);
  await sleep(300 * pace);
  const waiting = gateway.runTurn(second, never);
  await sleep(300 * pace);
  await step('a turn that is stopped while it waits', () => gateway.runTurn(third, never));
  await step('look for the stopped turn', () => found(gateway, third));
  await step('look for the turn that waits', () => found(gateway, second));
  leaving.abort();
  await step('a turn that is let go', () => left);
  await step('look for it while it runs', () => found(gateway, first));
  await step('look for it until it ends', () => ended(gateway, first));
  await step('the turn that waited', () => waiting);
}

/** What can be told of a turn after its owner has changed the session. `later`: it came when the change was over. */
async function changed(
  step: Step,
  target: ScriptTarget,
  gateway: StartableGateway,
  pace: number,
): Promise<void> {
  const inSession = (words: string) => turnFor(words, { sessionKey: CHANGED_SESSION });
  const [first, second, third, cut] = ['one', 'two', 'three', 'wait 8 seconds'].map(inSession) as [
    Turn,
    Turn,
    Turn,
    Turn,
  ];
  const unseen = inSession('never handed over');
  const since = Date.now();
  const look = (name: string, turn: Turn) =>
    step(name, async () => noted(await gateway.findTurn({ ...turn, since })));
  const change = (how: SessionChange) => target.change(CHANGED_SESSION, how);
  await gateway.runTurn(first, never);
  await change('compact');
  await look('look for a turn before a compaction', first);
  await look('look for a turn that is not there, after a compaction', unseen);
  await step('a turn after a compaction', () => gateway.runTurn(second, never));
  await look('look for it after the compaction', second);
  await change({ keepRows: 1 });
  await look('look for a turn whose question was cut off', second);
  await look('look for a turn that is not there, after a cut', unseen);
  await change({ keepRows: 0 });
  await look('look for a turn of which nothing was kept', second);
  await look('look for a turn that is not there, after a cut to nothing', unseen);
  await change('reset');
  await look('look for a turn before a reset', second);
  await step('a turn after a reset', () => gateway.runTurn(third, never));
  await look('look for it after the reset', third);
  const before = await target.asked();
  const running = gateway.runTurn(cut, never);
  while ((await target.asked()) === before) await sleep(100 * pace);
  await change('reset');
  await step('a turn whose session is reset while it runs', () => running);
  await look('look for it after that reset', cut);
  await change('delete');
  await look('look for a turn whose session was deleted', third);
}

async function killed(
  step: Step,
  target: ScriptTarget,
  gateway: StartableGateway,
  pace: number,
): Promise<void> {
  const quiet = turnFor('NO_REPLY please');
  const first = turnFor('wait 6 seconds');
  const second = turnFor('not begun');
  await step('a silent turn before the end', () => gateway.runTurn(quiet, never));
  const before = await target.asked();
  const running = gateway.runTurn(first, never);
  while ((await target.asked()) === before) await sleep(200 * pace);
  const waiting = gateway.runTurn(second, never);
  await sleep(1_500 * pace);
  await target.kill();
  await step('a turn whose gateway is killed', () => running);
  await step('a turn that was not begun by then', () => waiting);
  await target.start();
  await gateway.whenReady(AbortSignal.timeout(120_000));
  await step('look for the killed turn until it ends', async () => kindOf(await ended(gateway, first)));
  await step('look for the turn that was not begun', () => found(gateway, second));
  await step('run it', () => gateway.runTurn(second, never));
  await step('look for it where it ran', () => found(gateway, second));
  await step('look for the silent turn of before', () => found(gateway, quiet));
}

/** The model is shown the gateway's own words when a turn is resumed, so its answer is not the same everywhere. */
function kindOf(trace: unknown): unknown {
  return (trace as TurnTrace).kind;
}

/** Answers the transcript of the whole script, with nothing in it that differs from run to run. */
export async function runGatewayScript(
  target: ScriptTarget,
  { limits = {}, pace = 1 }: ScriptOptions = {},
): Promise<readonly ScriptStep[]> {
  const transcript: ScriptStep[] = [];
  const step: Step = async (name, run) => {
    const result = await run().catch((error: unknown) => {
      if (error instanceof AgentPeerError) return { error: error.code };
      throw error;
    });
    transcript.push({ step: name, result });
  };
  const gateway = createGateway({
    url: target.url,
    credentials: createMemoryCredentials(),
    clock: { now: () => Date.now() },
    log: createMemoryLog(),
    displayName: 'agent-peer script',
    version: '0.0.0',
    limits,
  });
  gateway.start();
  try {
    await pairing(step, target, gateway);
    await beforeTurns(step, gateway);
    await turns(step, gateway, pace);
    await afterTurns(step, gateway);
    await queued(step, gateway, pace);
    await changed(step, target, gateway, pace);
    await killed(step, target, gateway, pace);
    await unpairing(step, gateway);
  } finally {
    await gateway.close();
  }
  return transcript;
}
