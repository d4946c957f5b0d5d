/** The peers, grants and tasks that the cells of the negative matrix speak of, in one door with a store of its own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alias } from '../../src/core/alias.ts';
import { PLAIN } from '../../src/core/content.ts';
import type { InboundGrant } from '../../src/core/grant.ts';
import type { ConversationId, MessageId, TaskId } from '../../src/core/message.ts';
import type { Peer, PeerName } from '../../src/core/peer.ts';
import { isFinalInboxState } from '../../src/core/inbox.ts';
import { createDigests } from '../../src/digests.ts';
import type { InboxMessage } from '../../src/ports/messages.ts';
import {
  CHANGES,
  GRANTS,
  STANDINGS,
  type CallerCell,
  type Cell,
  type Change,
  type GrantState,
  type Standing,
} from './door-cells.ts';
import { startDoor, type Door } from './door-ground.ts';
import { sessionOf, type Caller } from './door-proxy.ts';
import { tailnetNode } from './fake-tailnet.ts';
import { TOKEN } from './peer-listener.ts';
import { bringTo, takeBack } from './inbox-moves.ts';
import { ROOMY } from './budgets.ts';

/** In all more than what peers that each are at their limit have sent. */
const LIMITS = { sendsPerMinute: 20, totalSendsPerMinute: 120, budgets: ROOMY };
const GRANT_LIMIT = 2;
/** Who asks for every cell asks more often than any peer may. */
const UNHURRIED = { attemptsPerMinute: 1_000_000, pollsPerMinute: 1_000_000, guessesPerMinute: 1_000_000 };
const MINUTE_MS = 61_000;
const HOUR_MS = 3_600_000;
const QUIET_MS = 5_000;
const digests = createDigests();
const CAROL = 'carol';
const OUTSIDER = '127.9.0.2';
const NOBODY = '127.9.0.3';

const ALL = ['message-send', 'task-read', 'task-cancel'] as const;
const lacking = (one: string) => ALL.filter((operation) => operation !== one);

/** How a grant of this state is written down; null: there is none. */
const TERMS: Readonly<Record<GrantState, ((now: number) => Partial<InboundGrant>) | null>> = {
  granted: () => ({}),
  others: null,
  nowhere: null,
  'no-alias': null,
  expired: (now) => ({ expiresAt: now - 1 }),
  'lacks-send': () => ({ operations: lacking('message-send') }),
  'lacks-read': () => ({ operations: lacking('task-read') }),
  'lacks-cancel': () => ({ operations: lacking('task-cancel') }),
  'lacks-all': () => ({ operations: [] }),
  'held-inbound': () => ({ hold: 'inbound' }),
  'held-outbound': () => ({ hold: 'outbound' }),
  'held-both': () => ({ hold: 'both' }),
  'over-grant': () => ({ sendsPerMinute: GRANT_LIMIT }),
  'over-peer': () => ({}),
  'over-total': () => ({}),
};

const NAMED: Partial<Record<GrantState, string>> = {
  others: 'carols',
  nowhere: 'nowhere',
  'no-alias': 'HANDOFF_',
};

/** The alias that a cell's request names, as it is written there. */
export function addressedAlias({ grant, call }: Cell): string {
  if ('path' in call && call.path === 'default') return 'inbox';
  return NAMED[grant] ?? 'handoff';
}

function nameOf(standing: Standing, change: Change, grant: GrantState): string {
  return [standing, grant, ...(change === 'none' ? [] : [change])].join('-');
}

export function peerOf({ caller, grant }: Cell): string {
  return nameOf(caller.standing, caller.change, grant);
}

export interface City {
  readonly door: Door;
  /** Token and address of a caller. */
  readonly sentBy: (cell: Cell) => { readonly token: string | null; readonly from: string };
  /** A task of this peer under this alias: over for `done`, not begun for `waiting`. */
  readonly task: (peer: string, alias: string, state: 'done' | 'waiting') => TaskId;
  /** Takes back what still waits, so that it is not run. */
  readonly clearWaiting: () => void;
  /** A minute later, with the messages of that minute that this state is about. */
  readonly beginMinuteOf: (grant: GrantState) => void;
  /** Resolves when all that may run has run. */
  readonly quiet: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const STATES: Readonly<Record<Standing, (now: number) => object>> = {
  active: () => ({}),
  revoked: () => ({ state: 'revoked' }),
  expired: (now) => ({ expiresAt: now - HOUR_MS }),
  provisional: () => ({ state: 'provisional' }),
  paused: () => ({ state: 'paused' }),
};

/** The end of the second token; undefined: there is none. */
const SECOND_ENDS: Readonly<Record<Change, (now: number) => number | null | undefined>> = {
  none: () => undefined,
  begun: () => null,
  ending: (now) => now + 24 * HOUR_MS,
  ended: (now) => now,
};

/** Which of them there are: as many as the cells speak of. */
const KINDS: readonly (readonly [Standing, Change])[] = [
  ...STANDINGS.map((standing) => [standing, 'none'] as const),
  ...CHANGES.filter((change) => change !== 'none').map((change) => ['active', change] as const),
  ['provisional', 'begun'],
  ['paused', 'begun'],
];

const secondToken = (name: string) => `apt_${name}${'_'.repeat(43 - name.length)}`;

function overlapOf(name: string, change: Change, now: number): Peer['overlap'] {
  const until = SECOND_ENDS[change](now);
  return until === undefined ? null : { digest: digests.token(secondToken(name)), until };
}

function settle(door: Door): ReadonlyMap<string, Caller> {
  const callers = new Map<string, Caller>();
  const now = door.clock.now();
  callers.set(CAROL, door.addPeer(CAROL, '127.9.0.1'));
  door.grant(CAROL, 'carols');
  door.tailnet.peers.push(tailnetNode('noutsider', OUTSIDER));
  for (const [k, [standing, change]] of KINDS.entries()) {
    for (const [g, grant] of GRANTS.entries()) {
      const name = nameOf(standing, change, grant);
      const state = { ...STATES[standing](now), overlap: overlapOf(name, change, now) };
      callers.set(name, door.addPeer(name, `127.${10 + k}.0.${1 + g}`, state));
      const terms = TERMS[grant]?.(now);
      if (terms !== undefined) for (const alias of ['inbox', 'handoff']) door.grant(name, alias, terms);
      // What nothing here is ever addressed to.
      door.grant(name, 'aside');
    }
  }
  return callers;
}

function callerIn(callers: ReadonlyMap<string, Caller>, { token, node }: CallerCell, own: string) {
  const of = (name: string): Caller => callers.get(name) ?? { token: '', from: '' };
  const tokens = {
    none: null,
    unknown: TOKEN.unknown,
    carols: of(CAROL).token,
    own: of(own).token,
    second: secondToken(own),
  };
  const nodes = { own: of(own).from, carols: of(CAROL).from, outsider: OUTSIDER, nobody: NOBODY };
  return { token: tokens[token], from: nodes[node] };
}

/** As the listener would have stored it; the worker is not told. */
function store({ store: open, clock }: Door, peer: string, alias: string): InboxMessage {
  const id = randomUUID();
  const now = clock.now();
  const accepted = open().inbox.accept({
    taskId: `task-${id}` as TaskId,
    peer: peer as PeerName,
    messageId: `seed-${id}` as MessageId,
    contentDigest: id,
    alias: alias as Alias,
    sessionKey: sessionOf(peer, alias),
    conversation: id as ConversationId,
    text: 'taken before',
    content: PLAIN,
    hold: null,
    hop: 0,
    createdAt: now,
    expiresAt: now + HOUR_MS,
    turnKey: id,
  });
  if (accepted.kind !== 'new') throw new Error(accepted.kind);
  return accepted.message;
}

/** What a task of the past ended with. */
export function replyTo(peer: string, alias: string): string {
  return `what was answered to ${peer} under ${alias}`;
}

function finish({ store: open, clock }: Door, { taskId, peer, alias }: InboxMessage): void {
  bringTo(open().inbox, taskId, 'replied', { reply: replyTo(peer, alias), now: clock.now() });
}

async function untilQuiet({ gate, store: open }: Door): Promise<void> {
  const limit = performance.now() + QUIET_MS;
  while (gate.open && open().inbox.open().length > 0) {
    if (performance.now() > limit) throw new Error('a message is still open');
    await sleep(2);
  }
}

export async function buildCity(): Promise<City> {
  const door = await startDoor({ policyLimits: LIMITS, limits: UNHURRIED });
  const callers = settle(door);
  const done = new Map<string, TaskId>();
  const waiting = new Map<string, TaskId>();
  const stateOf = (taskId: TaskId) => door.store().inbox.find(taskId)?.state ?? 'expired';

  const doneTask = (peer: string, alias: string): TaskId => {
    const known = done.get(`${peer} ${alias}`);
    if (known !== undefined) return known;
    const message = store(door, peer, alias);
    finish(door, message);
    done.set(`${peer} ${alias}`, message.taskId);
    return message.taskId;
  };
  const waitingTask = (peer: string, alias: string): TaskId => {
    const known = waiting.get(`${peer} ${alias}`);
    if (known !== undefined && !isFinalInboxState(stateOf(known))) return known;
    const { taskId } = store(door, peer, alias);
    waiting.set(`${peer} ${alias}`, taskId);
    return taskId;
  };
  const use = (peer: string, alias: string, times: number): void => {
    for (let i = 0; i < times; i += 1) finish(door, store(door, peer, alias));
  };
  return {
    door,
    sentBy: (cell) => callerIn(callers, cell.caller, peerOf(cell)),
    task: (peer, alias, state) => (state === 'done' ? doneTask(peer, alias) : waitingTask(peer, alias)),
    clearWaiting: () => {
      for (const taskId of waiting.values()) takeBack(door.store().inbox, taskId, door.clock.now());
      waiting.clear();
    },
    beginMinuteOf: (grant) => {
      door.clock.advance(MINUTE_MS);
      for (const change of CHANGES) {
        const name = nameOf('active', change, grant);
        if (grant === 'over-grant') for (const alias of ['inbox', 'handoff']) use(name, alias, GRANT_LIMIT);
        if (grant === 'over-peer') use(name, 'aside', LIMITS.sendsPerMinute);
      }
      if (grant === 'over-total') use(CAROL, 'carols', LIMITS.totalSendsPerMinute);
    },
    quiet: () => untilQuiet(door),
    close: () => door.close(),
  };
}
