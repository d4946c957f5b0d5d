import type { Alias } from './alias.ts';
import type { Operation } from './decision.ts';
import type { Load } from './guard.ts';
import type { Invite } from './invite.ts';
import type { NodeId, PeerName, TokenDigest } from './peer.ts';

/** Messages accepted in the minute before now. */
export interface Usage {
  readonly underGrant: number;
  readonly fromPeer: number;
  readonly fromAll: number;
}

/** Who a request seems to come from. */
export interface Credential {
  /** Digest of the bearer token presented; null when there was none. */
  readonly presented: TokenDigest | null;
  /** Tailnet node that whois gave for the connection; null when whois does not know it. */
  readonly nodeId: NodeId | null;
}

interface Addressed {
  /** Null when it is not even an alias. */
  readonly alias: Alias | null;
}

interface Known {
  readonly 'liveness-read': Credential;
  readonly 'health-read': Credential;
  readonly 'card-read': Credential;
  readonly 'task-read': Credential & Addressed;
  readonly 'task-cancel': Credential & Addressed;
  /**
   * `usage`, `load`: null for a message that was accepted before and only comes again. `agent`: whose session the caller
   * says it is; null when it says nothing.
   */
  readonly 'message-send': Credential &
    Addressed & {
      readonly usage: Usage | null;
      readonly load: Load | null;
      readonly agent: string | null;
    };
  /** `secret`: digest of the one presented. `invites`: all that were not cancelled, used up ones too. */
  readonly 'invite-claim': Credential & {
    readonly secret: TokenDigest;
    readonly invites: readonly Invite[];
  };
  readonly 'pairing-continue': Credential;
  readonly 'token-rotate': Credential;
  /** `looksSecret`: something in what would leave this machine has the form of a secret. */
  readonly 'message-submit': Addressed & { readonly peer: PeerName | null; readonly looksSecret: boolean };
}

/** What is known for certain about one request, before anything is decided. */
export type Facts<O extends Operation = Operation> = {
  readonly [P in O]: { readonly operation: P } & Known[P];
}[O];
