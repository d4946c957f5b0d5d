import { WAIT_LIMIT_MS } from '../core/peer-wire.ts';

/** Every number that delivery goes by. Milliseconds where nothing else is said. */
export interface DeliveryLimits {
  /** How long a message of ours is offered to a peer that does not take it. */
  readonly ttlMs: number;
  /** How long one request to a peer may wait for a reply. */
  readonly waitMs: number;
  /** Requests to one peer that may wait for replies at the same time. */
  readonly waitsPerPeer: number;
  /** The pause between two questions to a peer that answers at once, without a reply. */
  readonly askPauseMs: number;
  /** How long after its time to live a message that the peer took is still asked for. */
  readonly replyGraceMs: number;
  /** How long a reply waits for a person who is to look at it. */
  readonly holdMs: number;
  /** Turns that run in the gateway at the same time. */
  readonly turnsAtOnce: number;
  /** Of these, for one peer. */
  readonly turnsPerPeer: number;
  /** How long one turn may take. */
  readonly turnMs: number;
  /** The pause before each look into a session's history. */
  readonly lookEveryMs: number;
  /** How long what a session shows of a turn must stay undecidable: a gateway resumes its turns a while after a start. */
  readonly undecidedMs: number;
  /** How often messages are looked at whose time may be over. */
  readonly sweepEveryMs: number;
  /** How long a stop waits for turns that run. */
  readonly stopGraceMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DELIVERY_LIMITS: DeliveryLimits = {
  ttlMs: 72 * HOUR,
  waitMs: WAIT_LIMIT_MS,
  waitsPerPeer: 8,
  askPauseMs: 2 * SECOND,
  replyGraceMs: HOUR,
  holdMs: 72 * HOUR,
  turnsAtOnce: 4,
  turnsPerPeer: 2,
  turnMs: 10 * MINUTE,
  lookEveryMs: SECOND,
  undecidedMs: 30 * SECOND,
  sweepEveryMs: 30 * SECOND,
  stopGraceMs: 20 * SECOND,
};
