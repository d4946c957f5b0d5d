import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import type { Lab, PairedName, Tell } from '../lab.ts';
import { whenHealthy } from '../stack.ts';
import type { Evidence, StruckFault, Submitted } from './evidence.ts';
import { gatherWay } from './gather.ts';
import type { PlannedFault, PlannedMessage, SoakPlan } from './plan.ts';
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

/** A soak under way. */
interface Under {
  readonly lab: Lab;
  readonly seats: Seats;
  readonly startedAt: number;
  readonly tell: Tell;
}

const due = ({ startedAt }: Under, { atMs }: { readonly atMs: number }) =>
  sleep(startedAt + atMs - Date.now());

function sendAll(
  under: Under,
  messages: readonly PlannedMessage[],
  onSent: () => void,
): Promise<readonly Submitted[]> {
  const send = async (message: PlannedMessage) => {
    await due(under, message);
    const submitted = await submit(under.seats[message.from], message);
    onSent();
    return submitted;
  };
  return Promise.all(messages.map(send));
}

function strikeAll(under: Under, faults: readonly PlannedFault[]): Promise<readonly StruckFault[]> {
  const fall = async (fault: PlannedFault) => {
    await due(under, fault);
    under.tell('fault', faultWords(fault));
    return strike(under.lab, fault, under.seats);
  };
  return Promise.all(faults.map(fall));
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
  const under: Under = { lab, seats, tell, startedAt: Date.now() };
  let sent = 0;
  const counts = async (): Promise<string> => {
    const open = (await openAt(seats)) ?? 'not to be told how many';
    const seconds = Math.round((Date.now() - under.startedAt) / 1000);
    return `${seconds} s: ${sent} of ${plan.messages.length} handed in, ${open} rows open`;
  };
  const of = (name: PairedName) => plan.messages.filter(({ from }) => from === name);
  const send = (name: PairedName) => sendAll(under, of(name), () => (sent += 1));
  const work = Promise.all([send('a'), send('b'), strikeAll(under, plan.faults)]);
  const [fromA, fromB, faults] = await withCounts(tell, counts, work);
  tell('sent', 'all is handed in, and no fault is left: waiting until every message is final');
  await withCounts(tell, counts, settle(lab, seats));
  const ways = [await gatherWay(lab, 'a', 'b', fromA), await gatherWay(lab, 'b', 'a', fromB)];
  await Promise.all([seats.a, seats.b].map((seat) => leaveSeat(lab.docker, seat)));
  return { ways, faults };
}
