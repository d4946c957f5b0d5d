import type { RefusalReason } from '../../src/core/refusal.ts';

/** What an attack is made for: the stack it goes to, and who sends it. */
export interface Aim {
  /** Bearer token that the sender presents; null: none at all. */
  readonly token: string | null;
  /** Of the `Host` line: `<address>:<port>`. */
  readonly host: string;
  /**
   * The one alias that the paired peer was granted, for a session of the agent `main`. Not `inbox`, which `/a2a/v1`
   * without a name means; the dressings of a name are made for the letters of `handoff`.
   */
  readonly alias: string;
  /** What belongs to another peer of the same stack. */
  readonly other: {
    readonly token: string;
    readonly alias: string;
    readonly taskId: string;
    readonly messageId: string;
    readonly conversation: string;
  };
  /** Address of a listener that nobody may ever ask: what a peer names is not fetched. */
  readonly canary: string;
}

/** The same aim gives the same bytes. */
export type Bytes = (aim: Aim) => Buffer;

/** How a refusal is written: as a JSON-RPC error, or in the gateway's own envelope, `{ok: false, error: {type}}`. */
export type Shape = 'rpc' | 'gateway';

export type Expectation =
  /** `told`: the word that the outside sees; null where the answer has no body, as to a HEAD. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly told: RefusalReason | null;
      readonly shape: Shape;
    }
  /** Taken for exactly the granted alias; `text` is what the agent must be shown as the message itself, as a quotation. */
  | { readonly kind: 'accepted'; readonly text: string; readonly shape: Shape }
  /** Taken, and shown to a person before the agent sees any of it. */
  | { readonly kind: 'held'; readonly text: string; readonly shape: Shape }
  /** `everyone` gets one word; a paired peer may see more. */
  | { readonly kind: 'health'; readonly to: 'everyone' | 'peer' }
  /** The agent card of the node that asks. */
  | { readonly kind: 'card' }
  /** That nothing of the pairing is open. */
  | { readonly kind: 'news' };

/** One answer for each request that the server may believe to see, in order; then the connection must be closed. */
export type Answers = readonly [Expectation, ...Expectation[]];

export interface Pace {
  /** Bytes written at once. Everything, when absent. */
  readonly slice?: number;
  /** Between two slices. */
  readonly pauseMs?: number;
  /** The head goes out whole, and the slices begin behind it. */
  readonly headFirst?: boolean;
}

export interface Attack {
  /** Stable, unique, kebab-case. */
  readonly id: string;
  /** What the attacker hopes for, in one sentence. */
  readonly why: string;
  readonly bytes: Bytes;
  /** To the paired peer, from its own node and with its own token. */
  readonly expect: Answers;
  /** To the same node without a token, where `toOutsider` does not follow from `expect`. */
  readonly withoutToken?: Answers;
  /** To another node of the tailnet that has the token, likewise. */
  readonly wrongNode?: Answers;
  /** A sender that takes its time. Its answer may take as long as the limits of the stack. */
  readonly pace?: Pace;
}

export type Caller = 'paired' | 'withoutToken' | 'wrongNode';

/** What can be said about a request before anyone asks who sent it. */
const BEFORE_THE_CALLER_IS_KNOWN = new Set<RefusalReason | null>([
  'path-unknown',
  'method-not-allowed',
  'upgrade-refused',
  'header-invalid',
  'headers-too-large',
  'content-type-unsupported',
  null,
]);

function toOutsider(expectation: Expectation): Expectation {
  switch (expectation.kind) {
    case 'health':
      return { kind: 'health', to: 'everyone' };
    case 'card':
    case 'news':
      return { kind: 'refused', status: 401, told: 'unauthenticated', shape: 'rpc' };
    case 'accepted':
    case 'held':
      return { kind: 'refused', status: 401, told: 'unauthenticated', shape: expectation.shape };
    case 'refused':
      return BEFORE_THE_CALLER_IS_KNOWN.has(expectation.told)
        ? expectation
        : { kind: 'refused', status: 401, told: 'unauthenticated', shape: expectation.shape };
  }
}

/** A refusal with a status of its own closes the connection: what stands behind it is never read. */
function closes(expectation: Expectation): boolean {
  return expectation.kind === 'refused' && expectation.status !== 200;
}

function answersToOutsider([first, ...more]: Answers): Answers {
  const all = [first, ...more].map(toOutsider);
  const end = all.findIndex(closes);
  return [toOutsider(first), ...all.slice(1, end === -1 ? all.length : end + 1)];
}

/** What this caller must be answered. */
export function expectedBy(attack: Attack, caller: Caller): Answers {
  switch (caller) {
    case 'paired':
      return attack.expect;
    case 'withoutToken':
      return attack.withoutToken ?? answersToOutsider(attack.expect);
    case 'wrongNode':
      return attack.wrongNode ?? answersToOutsider(attack.expect);
  }
}
