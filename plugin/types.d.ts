/** What the loopback API answers an agent, as far as it is used here, and what the tools are made of. */

export interface Hold {
  readonly place: 'here' | 'peer';
  readonly what: 'message' | 'reply';
  readonly reason: string;
}

/** A message that was sent, and how it stands. */
export interface Message {
  readonly id: string;
  readonly peer: string;
  readonly alias: string;
  readonly conversation: string;
  readonly kind: string;
  readonly state: string;
  readonly reply: string | null;
  readonly answer: { readonly kind: string } | null;
  readonly hold: Hold | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly createdAt: string;
  readonly erasedAt: string | null;
}

/** The answer to sending one; a proxy that looks for no secrets has no warnings. */
export type Sent = Message & { readonly warnings?: readonly string[] };

export interface ReceivedMessage {
  readonly direction: 'received';
  readonly peer: string;
  readonly conversation: string;
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly contextParts: number;
  readonly text: string;
  readonly reply: string | null;
  readonly createdAt: string;
  readonly erasedAt: string | null;
}
export type SentMessage = Message & { readonly direction: 'sent'; readonly text: string };
export type SessionMessage = ReceivedMessage | SentMessage;

export interface Peer {
  readonly name: string;
  readonly state: string;
  readonly aliases: readonly { readonly alias: string }[];
  readonly obstacle: string | null;
}

export interface Api {
  get<T>(path: string, waitMs?: number): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
}

export type ToolName = 'peer_list' | 'peer_send' | 'peer_wait' | 'peer_inbox';

/** A tool as a model is shown it. */
export interface Tool {
  readonly name: ToolName;
  readonly label: string;
  /** Its first sentence says by itself what the tool is for: a list shows no more of it. */
  readonly description: string;
  readonly parameters: {
    readonly type: 'object';
    readonly additionalProperties: false;
    readonly properties: Readonly<Record<string, object>>;
    readonly required: readonly string[];
  };
}

/**
 * What a tool answers. `details` is for programs, some of which a model writes: the peer's words stand in it as in the text,
 * quoted, and nowhere else. `ok` is how OpenClaw tells a call that failed.
 */
export interface Result {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly details: { readonly ok: boolean; readonly text: string } & Readonly<Record<string, unknown>>;
}

/** What a model is to do after a call. */
export type Next = 'done' | 'wait' | 'correct' | 'ask-human' | 'stop';

export interface Step {
  readonly next: Next;
  /** What happened, and what to do now. */
  readonly text: string;
}

export interface Calling {
  readonly params: unknown;
  readonly api: Api;
  /** Key of the calling session, as the gateway says; null when it says none. */
  readonly session: string | null;
}

export interface Settings {
  readonly url: URL;
  readonly token: string | null;
}
