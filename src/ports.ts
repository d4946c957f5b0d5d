/**
 * The lines between the parts, as interfaces only. Feature folders import these and never each other; `main.ts` and
 * `cli/` put real parts behind them. All instants are milliseconds since the epoch, all durations milliseconds.
 */
import type { Alias } from './core/alias.ts';
import type { Decision, Operation } from './core/decision.ts';
import type { Usage } from './core/facts.ts';
import type { Grant, InboundGrant } from './core/grant.ts';
import type { InboxState, TurnOutcome, TurnTrace } from './core/inbox.ts';
import type { ConversationId, MessageId, TaskId } from './core/message.ts';
import type { OutboxEvent, OutboxState } from './core/outbox.ts';
import type { NodeId, Peer, PeerName, TokenDigest } from './core/peer.ts';
import type { Policy } from './core/policy.ts';
import type { SessionKey } from './core/session-key.ts';

export interface Clock {
  now(): number;
}

export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** `length` characters of [a-z0-9], from the system's random source. */
  word(length: number): string;
  /** 0 to 1, for jitter only. */
  fraction(): number;
}

/* ---------------------------------------------------------------- tailnet */

export interface TailnetNode {
  readonly nodeId: NodeId;
  /** MagicDNS name without the trailing dot. */
  readonly dnsName: string;
  readonly hostName: string;
  readonly login: string;
  readonly ipv4: string | null;
  /** Connected to the control server; says nothing about reachability. */
  readonly online: boolean;
}

export interface TailnetStatus {
  /** NoState, NeedsLogin, NeedsMachineAuth, Stopped, Starting, Running. */
  readonly backendState: string;
  /** False means userspace networking, where every loopback port of the namespace answers the whole tailnet. */
  readonly tun: boolean;
  readonly version: string;
  /** tailscaled's own complaints, human text. */
  readonly health: readonly string[];
  readonly self: TailnetNode | null;
  readonly peers: readonly TailnetNode[];
}

/** tailscaled's LocalAPI, read only. Every call may throw AgentPeerError `tailnet-unavailable`. */
export interface Tailnet {
  status(): Promise<TailnetStatus>;
  /** The node behind a remote address; null when tailscaled does not know it. */
  whois(address: string, port: number): Promise<TailnetNode | null>;
}

/* ---------------------------------------------------------------- gateway */

export type GatewayState =
  | { readonly kind: 'ready'; readonly version: string; readonly scopes: readonly string[] }
  /** No device token yet: `agent-peer gateway pair`. */
  | { readonly kind: 'unpaired' }
  | { readonly kind: 'connecting'; readonly detail: string }
  /** Reached, but it refused us: token revoked, wrong version. */
  | { readonly kind: 'refused'; readonly detail: string };

/** One model turn. Nothing in it was chosen by a peer except the quoted text inside `text`. */
export interface Turn {
  /** The gateway's idempotency key: ours, unique in the gateway, never sent twice blindly. */
  readonly key: string;
  readonly sessionKey: SessionKey;
  /** Already framed. */
  readonly text: string;
  /** Shown by the gateway as where the message came from, e.g. `agent-peer:bob`. */
  readonly source: string;
  /** How long it may take, waiting behind other turns of its session included. */
  readonly deadlineMs: number;
}

export type PairingStep =
  | { readonly kind: 'approval-needed'; readonly requestId: string; readonly deviceId: string }
  | { readonly kind: 'paired'; readonly scopes: readonly string[]; readonly approvedSilently: boolean };

export interface Gateway {
  state(): GatewayState;
  /**
   * Runs one turn to its end. Never throws for what the gateway does: every ending is a TurnOutcome. At the deadline,
   * or when the signal is aborted with a reason, the turn is aborted in the gateway; when it is aborted without one,
   * the turn is let go on there and the outcome is `lost`.
   */
  runTurn(turn: Turn, signal: AbortSignal): Promise<TurnOutcome>;
  /**
   * Looks in the session's history for a turn with this key. `since`: an instant before which the turn cannot have
   * been handed over, such as when its message was accepted; without it, a session that was ever reset or compacted
   * can never show that a turn is absent. Throws AgentPeerError `gateway-unreachable`.
   */
  findTurn(turn: Pick<Turn, 'key' | 'sessionKey'> & { readonly since?: number }): Promise<TurnTrace>;
  /** Resolves when the gateway is ready, or the signal aborts. */
  whenReady(signal: AbortSignal): Promise<void>;
}

export interface GatewayPairing {
  /**
   * One step of pairing this stack as a device. The shared token is used for this call and kept nowhere.
   * Throws AgentPeerError `gateway-unreachable`, `gateway-token-refused`, `gateway-incompatible`.
   */
  pair(sharedToken: string): Promise<PairingStep>;
}

/* ------------------------------------------------------------------ store */

/** A message of ours to a peer. */
export interface OutboxMessage {
  readonly id: MessageId;
  readonly peer: PeerName;
  readonly alias: Alias;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly hop: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly state: OutboxState;
  /** Attempts that ended, well or not. */
  readonly attempts: number;
  /** Not tried before this instant. */
  readonly nextAttemptAt: number;
  /** The peer's task for it, once there is a receipt. */
  readonly taskId: string | null;
  /** Text of the reply; null until there is one, and for a silent answer. */
  readonly reply: string | null;
  /** Refusal reason, when refused. */
  readonly reason: string | null;
  /** What the last attempt said, for people. */
  readonly detail: string | null;
}

/** A peer's message to us. `(peer, messageId)` is unique for ever. */
export interface InboxMessage {
  readonly taskId: TaskId;
  readonly peer: PeerName;
  readonly messageId: MessageId;
  /** SHA-256 of alias, conversation and text: tells a repeated request from a reused id. */
  readonly contentDigest: string;
  readonly alias: Alias;
  readonly sessionKey: SessionKey;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly hop: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
  readonly state: InboxState;
  readonly turnKey: string;
  readonly reply: string | null;
  readonly detail: string | null;
}

export type NewOutboxMessage = Pick<
  OutboxMessage,
  'id' | 'peer' | 'alias' | 'conversation' | 'text' | 'hop' | 'createdAt' | 'expiresAt'
>;
export type NewInboxMessage = Omit<InboxMessage, 'updatedAt' | 'state' | 'reply' | 'detail'>;

export interface PeerStore {
  /**
   * The policy now, as of the latest instant that was ever seen. Throws AgentPeerError `storage-unavailable` when it
   * cannot be read, or a row of it makes no sense: then nobody may do anything.
   */
  policy(): Policy;
  /** Throws AgentPeerError `peer-exists`. */
  addPeer(peer: Peer): void;
  findPeer(name: string): Peer | null;
  listPeers(): readonly Peer[];
  /** Replaces the grant of that direction and alias. Throws AgentPeerError `peer-not-found`. */
  putGrant(grant: Grant): void;
  listGrants(peer?: PeerName): readonly Grant[];
  /** The token that we present to this peer, sealed at rest; null when none was stored. */
  outboundToken(peer: PeerName): string | null;
  putOutboundToken(peer: PeerName, token: string): void;
  /** Takes the clock as it is now for right, though it was ahead before. */
  acceptClock(): void;
}

export interface OutboxStore {
  /** On disk when it returns. */
  add(message: NewOutboxMessage): OutboxMessage;
  find(id: string): OutboxMessage | null;
  /** Newest first. */
  list(limit: number): readonly OutboxMessage[];
  /** Queued and expired, or due at `now` and the first queued one of its conversation; the longest due first. */
  toHandOver(peer: PeerName, now: number, limit: number): readonly OutboxMessage[];
  /** Accepted and due at `now`, the one that was asked for longest ago first. */
  toAskFor(peer: PeerName, now: number, limit: number): readonly OutboxMessage[];
  /** The earliest instant after `now` at which `toHandOver` or `toAskFor` may have more; null when there is none. */
  nextDueAt(peer: PeerName, now: number): number | null;
  /** Makes every message of this peer that waits for its next attempt due at `now`. */
  hurry(peer: PeerName, now: number): void;
  /** How many messages are in each state; states without any are left out. */
  counts(): Readonly<Partial<Record<OutboxState, number>>>;
  /** Applies `nextOutboxState` and counts the attempt, in one transaction. */
  apply(
    id: MessageId,
    event: OutboxEvent,
    at: { readonly now: number; readonly nextAttemptAt: number },
  ): OutboxMessage;
}

export type Acceptance =
  | { readonly kind: 'new'; readonly message: InboxMessage }
  /** The same id with the same content: the task it already has. */
  | { readonly kind: 'repeated'; readonly message: InboxMessage }
  /** The same id with other content. */
  | { readonly kind: 'reused' };

export interface InboxStore {
  /** On disk when it returns. Throws AgentPeerError `storage-unavailable` and then nothing was accepted. */
  accept(message: NewInboxMessage): Acceptance;
  /** Only among this peer's own. */
  findTask(peer: PeerName, taskId: string): InboxMessage | null;
  /** The message that this peer sent under this id. */
  findMessage(peer: PeerName, messageId: MessageId): InboxMessage | null;
  /** Messages accepted in the minute before `now`. Counted on disk, so that a restart gives no new allowance. */
  usage(peer: PeerName, alias: Alias, now: number): Usage;
  /** `cancelled` if the gateway cannot have seen it yet, else as it is. */
  cancel(taskId: TaskId, now: number): InboxMessage;
  /** Among all peers' tasks: for this stack's own parts, never for an id that a peer sent. */
  find(taskId: TaskId): InboxMessage | null;
  /** Not final, oldest first. */
  open(): readonly InboxMessage[];
  /** The oldest one of each session that is not final, oldest first: the first `ofPeer` of each peer, and all that run. */
  heads(ofPeer: number): readonly InboxMessage[];
  /** Still `accepted` when its time was over, oldest first. */
  overdue(now: number, limit: number): readonly InboxMessage[];
  list(limit: number): readonly InboxMessage[];
  /** How many messages are in each state; states without any are left out. */
  counts(): Readonly<Partial<Record<InboxState, number>>>;
  move(
    taskId: TaskId,
    to: {
      readonly state: InboxState;
      readonly reply?: string | null;
      readonly detail?: string | null;
      readonly now: number;
    },
  ): InboxMessage;
}

/** Small named secrets, sealed with the key file: the device key, the device token, the stack secret. */
export interface CredentialStore {
  read(name: string): string | null;
  write(name: string, value: string): void;
  remove(name: string): void;
}

/* --------------------------------------------------------------- delivery */

/** What one attempt to hand a message to a peer came to; the sender turns it into an OutboxEvent. */
export interface PeerTransport {
  /**
   * Hands the message over, or asks again for one that was handed over; waits up to `waitMs` for the reply.
   * Never throws for what the network or the peer does.
   */
  deliver(message: OutboxMessage, waitMs: number, signal: AbortSignal): Promise<OutboxEvent>;
}

/** Told when an inbound task changes, so that a waiting peer is answered at once. */
export interface TaskWatch {
  changed(message: InboxMessage): void;
  /** The task when it is final, or as it is after `waitMs`. */
  settled(taskId: TaskId, waitMs: number, signal: AbortSignal): Promise<void>;
}

/** What the local agent or owner wants sent. */
export interface Draft {
  readonly peer: string;
  readonly alias: string;
  readonly text: string;
  /** Continues a conversation; a new one when absent. */
  readonly conversation?: string;
}

export interface Messages {
  /** Stores it in the outbox and wakes the sender. Throws AgentPeerError with what is wrong with the draft. */
  submit(draft: Draft): OutboxMessage;
  find(id: string): OutboxMessage | null;
  list(limit: number): readonly OutboxMessage[];
  /** The message when it is final, or as it is after `waitMs`. Throws AgentPeerError `message-not-found`. */
  settled(id: string, waitMs: number, signal: AbortSignal): Promise<OutboxMessage>;
}

/* ------------------------------------------------------------------ owner */

export interface PeerAdmin {
  /** Resolves `node` (StableID, host name, MagicDNS name or 100.x address) on the tailnet now; answers the new peer's token once. */
  add(name: string, node: string): Promise<{ readonly peer: Peer; readonly token: string }>;
  /** Stores the token that the peer's owner gave us. */
  storeToken(name: string, token: string): void;
  list(): readonly (Peer & { readonly hasOutboundToken: boolean })[];
  grant(wish: GrantWish): { readonly grant: InboundGrant; readonly warnings: readonly string[] };
  /** The inbound ones. */
  grants(peer?: string): readonly InboundGrant[];
}

/** What an owner wants to offer. Throws AgentPeerError with what is wrong with it. */
export interface GrantWish {
  readonly peer: string;
  readonly alias: string;
  readonly sessionKey: string;
  /** Takes a session that belongs to the gateway, or carries a route to other people, all the same. */
  readonly special?: boolean;
  /** From now, milliseconds. */
  readonly expiresInMs?: number;
  readonly operations?: readonly string[];
  readonly sendsPerMinute?: number;
}

/** What the judge would say, and why: the same code as enforcement, on the same policy. */
export interface Judge {
  /** Throws AgentPeerError `peer-not-found`, `input-invalid`. */
  explain(
    peer: string,
    operation: string,
    alias: string | null,
  ): { readonly decision: Decision; readonly sentence: string };
  /** `ok`, or what keeps everything shut. */
  clock(): 'ok' | 'behind';
  acceptClock(): void;
}

/** Where a decision was asked for. `socket`: bytes that never became a request. */
export type Surface = 'a2a' | 'tools-invoke' | 'agent-card' | 'health' | 'socket' | 'local';

export interface AuditEntry {
  /** `inbound`: a peer asked something of us. `outbound`: somebody on this machine wanted something of a peer. */
  readonly direction: 'inbound' | 'outbound';
  readonly surface: Surface;
  readonly operation: Operation | 'unknown';
  readonly allowed: boolean;
  /**
   * `accepted`, `repeated`, `cancelled` or `allowed` (to read), or the reason of the refusal; `several` on a line that
   * counts kinds of decisions too many to be told apart.
   */
  readonly reason: string;
  readonly peer: PeerName | null;
  readonly nodeId: NodeId | null;
  readonly alias: string | null;
  readonly messageId: string | null;
  /** SHA-256 of the text, never the text. The same on both machines. */
  readonly textDigest: string | null;
}

/** One line of the audit log. `skipped`: refusals like this one that were counted and not written since the last such line. */
export type AuditLine = AuditEntry & { readonly time: string; readonly skipped: number };

export interface AuditLog {
  /** Never throws: what cannot be written is told in the operator log. */
  record(entry: AuditEntry): void;
}

export interface AuditFilter {
  readonly peer?: string;
  readonly reason?: string;
  readonly allowed?: boolean;
  readonly messageId?: string;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly limit: number;
}

export interface AuditReader {
  /** Newest first. Throws AgentPeerError `storage-unavailable`. */
  read(filter: AuditFilter): readonly AuditLine[];
}

export interface Digests {
  token(raw: string): TokenDigest;
  text(raw: string): string;
}
