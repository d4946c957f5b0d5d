import type { Brand } from './brand.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

/** The local name of a paired stack, e.g. `bob`. */
export type PeerName = Brand<string, 'PeerName'>;

/** A tailnet node's StableID. It survives a change of address or host name; those never identify a peer. */
export type NodeId = Brand<string, 'NodeId'>;

/** Lower-case hex SHA-256 of a peer token. */
export type TokenDigest = Brand<string, 'TokenDigest'>;

/**
 * `provisional`: the pairing is not complete on both sides, and it may do nothing yet. `paused`: it may do nothing until
 * the owner says so. `revoked`: never again with these tokens.
 */
export const PEER_STATES = ['provisional', 'active', 'paused', 'revoked'] as const;
export type PeerState = (typeof PEER_STATES)[number];

export function isPeerState(raw: string): raw is PeerState {
  return (PEER_STATES as readonly string[]).includes(raw);
}

/**
 * A second token of a peer. While its token is rotated, two are good: the new one from the moment that it is made, the
 * old one for a while after the new one was first presented, because requests with it may still be under way.
 */
export interface OverlapToken {
  readonly digest: TokenDigest;
  /** From this instant on it is nobody's; null for the new one, which the peer may not have yet. */
  readonly until: number | null;
}

/** How a peer gets what our agent answers. */
export const REPLY_MODES = ['task', 'send-back'] as const;
export type ReplyMode = (typeof REPLY_MODES)[number];

export function isReplyMode(raw: string): raw is ReplyMode {
  return (REPLY_MODES as readonly string[]).includes(raw);
}

/**
 * `task`: it asks for its task until the reply is there, as every stack does. `send-back`: it is an OpenClaw with nothing
 * but its own A2A channel, which never asks: a reply has to be sent to it as a message. Its gateway listens at a port of
 * its own, where every stack listens at the same one.
 */
export type Replies = { readonly mode: 'task' } | { readonly mode: 'send-back'; readonly port: number };

export const BY_TASK: Replies = { mode: 'task' };

/** Where OpenClaw's gateway listens unless its owner says otherwise. */
export const GATEWAY_PORT = 18_789;

export interface Peer {
  readonly name: PeerName;
  readonly nodeId: NodeId;
  /** Login of the node's owner when the peer was added, from whois; shown to people, never decided on alone. */
  readonly login: string;
  /** Digest of the token that this peer presents to us. */
  readonly tokenDigest: TokenDigest;
  readonly overlap: OverlapToken | null;
  readonly state: PeerState;
  /** From this instant on the peer may do nothing; null for never. Milliseconds since the epoch. */
  readonly expiresAt: number | null;
  readonly replies: Replies;
}

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const NODE_ID = /^[A-Za-z0-9]{1,64}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const RESERVED = new Set(['all', 'local', 'me', 'none', 'self']);

export function parsePeerName(raw: string, where = 'peer'): Parsed<PeerName> {
  if (!NAME.test(raw)) {
    return problem(where, 'not a peer name', 'Use 1 to 32 of a-z, 0-9 and "-", starting with a letter');
  }
  if (RESERVED.has(raw)) return problem(where, `"${raw}" is a reserved name`, 'Choose another name');
  return parsed(raw as PeerName);
}

export function parseNodeId(raw: string, where = 'node'): Parsed<NodeId> {
  if (!NODE_ID.test(raw)) {
    return problem(where, 'not a tailnet node id', 'Take it from `agent-peer status` on the other machine');
  }
  return parsed(raw as NodeId);
}

export function parseTokenDigest(raw: string, where = 'digest'): Parsed<TokenDigest> {
  if (!DIGEST.test(raw)) return problem(where, 'not a SHA-256 digest', 'Expected 64 lower-case hex digits');
  return parsed(raw as TokenDigest);
}
