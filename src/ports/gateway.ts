import type { TurnOutcome, TurnTrace } from '../core/inbox.ts';
import type { SessionKey } from '../core/session-key.ts';

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
