import type { TurnOutcome, TurnTrace } from '../core/inbox.ts';
import type { SessionKey } from '../core/session-key.ts';
import type { AgentTools } from '../core/strong-tools.ts';

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
  | {
      readonly kind: 'paired';
      readonly scopes: readonly string[];
      /** Those of them that nobody asked for: they are a thief's as well. */
      readonly excess: readonly string[];
      readonly approvedSilently: boolean;
    };

export interface Gateway {
  state(): GatewayState;
  /**
   * Runs one turn to its end. Never throws for what the gateway does: every ending is a TurnOutcome. At the deadline,
   * or when the signal is aborted with a reason, the turn is aborted in the gateway; when it is aborted without one,
   * the turn is let go on there and the outcome is `lost`.
   */
  runTurn(turn: Turn, signal: AbortSignal): Promise<TurnOutcome>;
  /**
   * Ends a turn that runs in the gateway and that nobody here waits for. Best effort: whether it has ended, and how, is
   * for `findTurn` to tell.
   */
  abortTurn(turn: Pick<Turn, 'key' | 'sessionKey'>): Promise<void>;
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
  /**
   * Forgets the device, its key and its token, and closes the connection. The gateway keeps its record of the device,
   * which only its owner can remove. Answers the id of that record; null when there was nothing to forget.
   */
  unpair(): Promise<{ readonly deviceId: string | null }>;
}

/** A session as the gateway lists it. */
export interface GatewaySession {
  /** As the gateway keeps it: not every one can be granted. */
  readonly sessionKey: string;
  /** Null where the gateway names none. */
  readonly agentId: string | null;
  readonly usedAt: number | null;
}

/** What the gateway says of its sessions. */
export interface GatewaySessions {
  /**
   * Those used last, newest first; `total` is of all that there are.
   * Throws AgentPeerError `gateway-not-approved` when this stack is not paired, and `gateway-unreachable`.
   */
  sessions(): Promise<{ readonly sessions: readonly GatewaySession[]; readonly total: number }>;
  /** Null when the gateway cannot be asked, or names none: it never throws for that, and never waits for a connection. */
  defaultAgent(): Promise<string | null>;
  /** The tools that a turn of this session would have. As with `defaultAgent`, what cannot be asked is an answer. */
  agentTools(sessionKey: SessionKey): Promise<AgentTools>;
  /**
   * Whether a turn runs in this session now; false for one that there is not.
   * Throws AgentPeerError as `sessions` does.
   */
  isRunning(sessionKey: SessionKey): Promise<boolean>;
}
