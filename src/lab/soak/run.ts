import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import type { Lab, PairedName, Tell } from '../lab.ts';
import { whenHealthy } from '../stack.ts';
import type { Evidence, StruckFault, Submitted } from './evidence.ts';
import { gatherWay } from './gather.ts';
import type { PlannedFault, SoakPlan } from './plan.ts';
import { leaveSeat, submit, takeSeat, type Seat } from './seat.ts';
import { offerSessions } from './sessions.ts';
import { strike } from './strike.ts';
import { faultWords } from './words.ts';

type Seats = Readonly<Record<PairedName, Seat>>;

const PROGRESS_MS = 8_000;
/** A lost turn is looked for as long as a turn may take. */
const SETTLE_MS = 720_000;

const OPEN: readonly string[] = ['held', 'queued', 'accepted', 'running', 'reply-held'];

interface Counts {
  readonly outbox: Readonly<Record<string, number>>;
  readonly inbox: Readonly<Record<string, number>>;
}

/** Messages that are not final yet, at both sides; null while a proxy does not answer. */
async function openAt(seats: Seats): Promise<number | null> {
  const answers = await Promise.all([seats.a, seats.b].map(({ ask }) => ask('GET', '/status')));
  if (answers.some(({ status }) => status !== 200)) return null;
  const boxes = answers
    .map(({ body }) => JSON.parse(body) as Counts)
    .flatMap(({ outbox, inbox }) => [outbox, inbox]);
  return boxes.reduce((sum, box) => sum + OPEN.reduce((some, state) => some + (box[state] ?? 0), 0), 0);
}

async function sendAll(
  plan: SoakPlan,
  seats: Seats,
  from: PairedName,
  startedAt: number,
  onSent: () => void,
) {
  const mine = plan.messages.filter((message) => message.from === from);
  const results: Promise<Submitted>[] = [];
  for (const message of mine) {
    await sleep(startedAt + message.atMs - Date.now());
    results.push(submit(seats[from], message).finally(onSent));
  }
  return Promise.all(results);
}

async function strikeAll(
  lab: Lab,
  faults: readonly PlannedFault[],
  seats: Seats,
  { startedAt, tell }: { readonly startedAt: number; readonly tell: Tell },
): Promise<readonly StruckFault[]> {
  const struck: Promise<StruckFault>[] = [];
  for (const fault of faults) {
    await sleep(startedAt + fault.atMs - Date.now());
    tell('fault', faultWords(fault));
    struck.push(strike(lab, fault, seats));
  }
  return Promise.all(struck);
}

/** Says how far it is until the work is done. */
async function withCounts<T>(tell: Tell, counts: () => Promise<string>, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    void counts().then(
      (words) => tell('…', words),
      (error: unknown) => tell('…', String(error)),
    );
  }, PROGRESS_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

async function settle({ docker, stacks }: Lab, seats: Seats): Promise<void> {
  for (const stack of [stacks.a, stacks.b])
    for (const service of ['tailscale', 'proxy', 'gateway'] as const)
      await whenHealthy(docker, stack, service);
  await eventually(
    'every message is final',
    () => openAt(seats),
    (open) => open === 0,
    SETTLE_MS,
    2_000,
  );
}

/** Does what the plan says on two paired stacks, waits until all is over, and answers what both sides have then. */
export async function runSoak(lab: Lab, plan: SoakPlan, tell: Tell): Promise<Evidence> {
  await offerSessions(lab);
  const seats = { a: await takeSeat(lab, 'a'), b: await takeSeat(lab, 'b') };
  const startedAt = Date.now();
  let sent = 0;
  const counts = async (): Promise<string> => {
    const open = (await openAt(seats)) ?? 'not to be told how many';
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    return `${seconds} s: ${sent} of ${plan.messages.length} handed in, ${open} rows open`;
  };
  const send = (from: PairedName) => sendAll(plan, seats, from, startedAt, () => (sent += 1));
  const work = Promise.all([send('a'), send('b'), strikeAll(lab, plan.faults, seats, { startedAt, tell })]);
  const [fromA, fromB, faults] = await withCounts(tell, counts, work);
  tell('sent', 'all is handed in, and no fault is left: waiting until every message is final');
  await withCounts(tell, counts, settle(lab, seats));
  const ways = [await gatherWay(lab, 'a', 'b', fromA), await gatherWay(lab, 'b', 'a', fromB)];
  await Promise.all([seats.a, seats.b].map((seat) => leaveSeat(lab.docker, seat)));
  return { ways, faults };
}
