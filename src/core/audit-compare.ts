import { receivedId, sentId, traces, type AuditExtract, type Trace, type Traces } from './audit-messages.ts';

/**
 * `refused`: sent by one, and the other has that it refused it. `outside`: only one has it, from a time that the other
 * log does not reach.
 */
export const OUTCOMES = ['same', 'hash-differs', 'only-here', 'only-there', 'refused', 'outside'] as const;
export type Outcome = (typeof OUTCOMES)[number];

type Side = 'here' | 'there';

export interface ComparedMessage {
  readonly messageId: string;
  readonly sender: Side;
  readonly outcome: Outcome;
  /** When the first line about it was written, by the clock of who sent it, if that has it. */
  readonly at: number;
  readonly hereDigest: string | null;
  readonly thereDigest: string | null;
  /** Why the receiver refused it. */
  readonly reason: string | null;
}

export interface Comparison {
  /** The time that both logs tell everything about; empty when `from` is after `until`. */
  readonly from: number;
  readonly until: number;
  /** Oldest first. */
  readonly messages: readonly ComparedMessage[];
  readonly agree: boolean;
}

const digestOf = (trace: Trace | undefined) => [...(trace?.digests ?? [])][0] ?? null;

/** One text on both sides. A line without a hash proves nothing. */
function isSameText(one: Trace, other: Trace): boolean {
  const all = new Set([...one.digests, ...other.digests]);
  return all.size === 1 && !all.has(null);
}

interface Span {
  readonly from: number;
  readonly until: number;
}

function spanOf({ lines, readAt }: AuditExtract): Span {
  const span = { from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
  for (const line of lines) {
    const at = Date.parse(line.time);
    span.from = Math.min(span.from, at);
    span.until = Math.max(span.until, at);
  }
  return readAt === null ? span : { ...span, until: Math.max(span.until, Date.parse(readAt)) };
}

type Pair =
  | { readonly id: string; readonly first: Trace; readonly sent: Trace; readonly received: Trace | undefined }
  | { readonly id: string; readonly first: Trace; readonly sent: undefined; readonly received: Trace };

/** A refused message that nobody says was sent is none. */
function pairs(sent: Traces, received: Traces): readonly Pair[] {
  const known = [...sent].map(([id, trace]) => ({
    id,
    first: trace,
    sent: trace,
    received: received.get(id),
  }));
  const unknown = [...received].filter(([id, { admitted }]) => admitted && !sent.has(id));
  return [
    ...known,
    ...unknown.map(([id, trace]) => ({ id, first: trace, sent: undefined, received: trace })),
  ];
}

function outcomeOf({ first, sent, received }: Pair, sender: Side, span: Span): Outcome {
  if (sent !== undefined && received !== undefined) {
    if (!isSameText(sent, received)) return 'hash-differs';
    return received.admitted ? 'same' : 'refused';
  }
  if (first.at < span.from || first.at > span.until) return 'outside';
  return (sent !== undefined) === (sender === 'here') ? 'only-here' : 'only-there';
}

function compareSent(sender: Side, sent: Traces, received: Traces, span: Span): readonly ComparedMessage[] {
  return pairs(sent, received).map((pair) => {
    const digests = [digestOf(pair.sent), digestOf(pair.received)] as const;
    const [hereDigest, thereDigest] = sender === 'here' ? digests : [digests[1], digests[0]];
    return {
      messageId: pair.id,
      sender,
      outcome: outcomeOf(pair, sender, span),
      at: pair.first.at,
      hereDigest,
      thereDigest,
      reason: pair.received?.admitted === false ? pair.received.reason : null,
    };
  });
}

/**
 * Holds what two owners' logs say about the messages between them against each other. The key is the id that the sender
 * gave: peers' names are each owner's own, and no clock is the other's.
 */
export function compareAudits(here: AuditExtract, there: AuditExtract): Comparison {
  const [mine, theirs] = [spanOf(here), spanOf(there)];
  const span = { from: Math.max(mine.from, theirs.from), until: Math.min(mine.until, theirs.until) };
  const messages = [
    ...compareSent('here', traces(here, sentId), traces(there, receivedId), span),
    ...compareSent('there', traces(there, sentId), traces(here, receivedId), span),
  ].sort((a, b) => a.at - b.at);
  const agree = messages.every(({ outcome }) => ['same', 'refused', 'outside'].includes(outcome));
  return { ...span, messages, agree };
}
