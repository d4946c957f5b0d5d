import type { PairedName } from '../lab.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import { textOf } from './texts.ts';

/**
 * `proxy`, `gateway`, `tailscale`: that container is killed and started again after a while. `cut`: the stack reaches
 * neither its peer nor the tailnet's control server. `quiet`: nothing is sent.
 */
export const FAULT_KINDS = ['proxy', 'gateway', 'tailscale', 'cut', 'quiet'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly stacks: readonly PairedName[];
  readonly atMs: number;
  readonly forMs: number;
}

export interface PlannedMessage {
  readonly atMs: number;
  readonly from: PairedName;
  readonly to: PairedName;
  readonly alias: string;
  /** Null: one of its own. */
  readonly conversation: string | null;
  /** No two are the same. */
  readonly text: string;
}

/** What a soak does and when, from its beginning on. Made from a seed and a length alone: the same again, the same plan. */
export interface SoakPlan {
  readonly seed: number;
  readonly lengthMs: number;
  /** Fewer than this many stored messages prove too little. */
  readonly atLeast: number;
  readonly messages: readonly PlannedMessage[];
  readonly faults: readonly PlannedFault[];
}

/** Aliases that each side offers the other; each leads to a session of its own. */
export const SOAK_ALIASES = ['soak-1', 'soak-2', 'soak-3'] as const;

const MINUTE = 60_000;
const SECOND = 1_000;
const FIRST_FAULT_MS = 8 * SECOND;
/** From the beginning of one fault to that of the next: enough for a gateway to be back, most of the time. */
const LONGEST_SLOT_MS = MINUTE;
/** How long each kind lasts: at least, at most. */
const LASTING: Readonly<Record<FaultKind, readonly [number, number]>> = {
  proxy: [0, 4 * SECOND],
  gateway: [0, 5 * SECOND],
  tailscale: [SECOND, 8 * SECOND],
  cut: [5 * SECOND, 20 * SECOND],
  quiet: [6 * SECOND, 12 * SECOND],
};

const OTHER: Readonly<Record<PairedName, PairedName>> = { a: 'b', b: 'a' };

function shuffled<T>(random: SeededRandom, items: readonly T[]): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.int(left.length), 1));
}

function stacksOf(random: SeededRandom, kind: FaultKind): readonly PairedName[] {
  if (kind === 'quiet' || (kind === 'proxy' && random.once(3))) return ['a', 'b'];
  return [random.pick<PairedName>(['a', 'b'])];
}

/** Every kind once before any comes a second time, so that a short soak has them all too. */
function faultsOf(random: SeededRandom, lengthMs: number): readonly PlannedFault[] {
  const room = lengthMs - FIRST_FAULT_MS;
  const slotMs = Math.min(LONGEST_SLOT_MS, room / FAULT_KINDS.length);
  const slots = Math.floor(room / slotMs);
  const rounds = Array.from({ length: Math.ceil(slots / FAULT_KINDS.length) }, () =>
    shuffled(random, FAULT_KINDS),
  );
  return rounds
    .flat()
    .slice(0, slots)
    .map((kind, slot) => {
      const [least, most] = LASTING[kind];
      const atMs = Math.round(FIRST_FAULT_MS + slot * slotMs + random.int(slotMs / 3));
      return { kind, stacks: stacksOf(random, kind), atMs, forMs: least + random.int(most - least) };
    });
}

/** The instant at which this much time without quiet has gone by. */
function afterActive(activeMs: number, quiet: readonly PlannedFault[]): number {
  return quiet.reduce((at, { atMs, forMs }) => (atMs <= at ? at + forMs : at), activeMs);
}

function messagesOf(
  random: SeededRandom,
  { seed, lengthMs, count }: { readonly seed: number; readonly lengthMs: number; readonly count: number },
  faults: readonly PlannedFault[],
): readonly PlannedMessage[] {
  const quiet = faults.filter(({ kind }) => kind === 'quiet');
  const gapMs = (lengthMs - quiet.reduce((sum, { forMs }) => sum + forMs, 0)) / count;
  return Array.from({ length: count }, (_, index) => {
    const from = random.pick<PairedName>(['a', 'b']);
    const alias = random.pick(SOAK_ALIASES);
    return {
      atMs: Math.round(afterActive(index * gapMs + random.int(gapMs), quiet)),
      from,
      to: OTHER[from],
      alias,
      conversation: random.once(2) ? `soak-${seed}-${from}-${alias}` : null,
      text: textOf(random, `soak ${seed}.${index + 1} from ${from}`, index + 1),
    };
  });
}

/** 1,000 in half an hour; a short one has more a minute, so that each of its faults meets some. */
function leastOf(minutes: number): number {
  return Math.ceil(Math.max((minutes * 100) / 3, Math.min(150, minutes * 50)));
}

export function makePlan(seed: number, minutes: number): SoakPlan {
  const random = createSeededRandom(seed);
  const lengthMs = minutes * MINUTE;
  const atLeast = leastOf(minutes);
  const faults = faultsOf(random, lengthMs);
  const count = Math.ceil(atLeast * 1.06);
  return { seed, lengthMs, atLeast, faults, messages: messagesOf(random, { seed, lengthMs, count }, faults) };
}
