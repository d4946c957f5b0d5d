/** The dimensions of the negative matrix, and the cells that they make. Data only: nothing here knows what is right. */

export const TOKENS = ['none', 'unknown', 'carols', 'own'] as const;
/** `outsider`: of the tailnet, and no peer's. `nobody`: an address that whois knows nothing about. */
export const NODES = ['own', 'carols', 'outsider', 'nobody'] as const;
export const STANDINGS = ['active', 'revoked', 'expired'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface CallerCell {
  readonly token: (typeof TOKENS)[number];
  readonly node: (typeof NODES)[number];
  /** Of the peer whose matters the request is about. */
  readonly standing: Standing;
  readonly clock: 'right' | 'back';
}

/** What the peer was granted under the alias that the request names. */
export const GRANTS = [
  'granted',
  /** Only carol has it. */
  'others',
  'nowhere',
  /** A name that cannot be an alias; for tools/invoke, the session key behind one. */
  'no-alias',
  'expired',
  'lacks-send',
  'lacks-read',
  'lacks-cancel',
  'lacks-all',
  'held-inbound',
  'held-outbound',
  'held-both',
  'over-grant',
  'over-peer',
  'over-total',
] as const;
export type GrantState = (typeof GRANTS)[number];

/** Whose task a call names: the peer's own under the addressed alias, carol's, or one that never was. */
export type TaskOf = 'own' | 'carols' | 'never';

export type Call =
  | { readonly kind: 'send'; readonly method: string; readonly path: 'default' | 'named' }
  | {
      readonly kind: 'read' | 'cancel';
      readonly method: string;
      readonly path: 'default' | 'named';
      readonly task: TaskOf;
    }
  | { readonly kind: 'unserved'; readonly method: string; readonly path: 'default' | 'named' }
  | { readonly kind: 'tool'; readonly agent: 'unsaid' | 'right' | 'wrong' }
  /** A body that is no JSON: only a peer hears what is wrong with it. */
  | { readonly kind: 'garbage'; readonly surface: 'a2a' | 'tools-invoke' }
  | { readonly kind: 'card' }
  | { readonly kind: 'health' };

export interface Cell {
  readonly caller: CallerCell;
  readonly grant: GrantState;
  readonly call: Call;
}

/** Methods that are not served, with the word that the protocol's error carries. */
export const UNSERVED: Readonly<Record<string, string>> = {
  SendStreamingMessage: 'operation-unsupported',
  'message/stream': 'operation-unsupported',
  SubscribeToTask: 'operation-unsupported',
  'tasks/resubscribe': 'operation-unsupported',
  ListTasks: 'operation-unsupported',
  'tasks/list': 'operation-unsupported',
  GetExtendedAgentCard: 'operation-unsupported',
  'agent/getAuthenticatedExtendedCard': 'operation-unsupported',
  CreateTaskPushNotificationConfig: 'push-unsupported',
  GetTaskPushNotificationConfig: 'push-unsupported',
  ListTaskPushNotificationConfigs: 'push-unsupported',
  DeleteTaskPushNotificationConfig: 'push-unsupported',
  'tasks/pushNotificationConfig/set': 'push-unsupported',
  'tasks/pushNotificationConfig/get': 'push-unsupported',
  'tasks/pushNotificationConfig/list': 'push-unsupported',
  'tasks/pushNotificationConfig/delete': 'push-unsupported',
  'sessions.send': 'rpc-method-unknown',
  sendMessage: 'rpc-method-unknown',
};

const OWN: CallerCell = { token: 'own', node: 'own', standing: 'active', clock: 'right' };

/** The paired node with its own token, in every standing: those to whom more than one word may be told. */
const PAIRED: readonly CallerCell[] = [
  ...STANDINGS.map((standing) => ({ ...OWN, standing })),
  { ...OWN, clock: 'back' },
];

const OTHERS: readonly CallerCell[] = [
  ...STANDINGS.flatMap((standing) =>
    TOKENS.flatMap((token) => NODES.map((node): CallerCell => ({ token, node, standing, clock: 'right' }))),
  ).filter(({ token, node }) => token !== 'own' || node !== 'own'),
  { ...OWN, token: 'none', clock: 'back' },
  { ...OWN, token: 'unknown', node: 'outsider', clock: 'back' },
  { ...OWN, token: 'none', node: 'nobody', clock: 'back' },
];

const PATHS = ['default', 'named'] as const;

function callsOn(path: 'default' | 'named'): readonly Call[] {
  const tasks: readonly TaskOf[] = ['own', 'carols', 'never'];
  return [
    ...['SendMessage', 'message/send'].map((method): Call => ({ kind: 'send', method, path })),
    ...['GetTask', 'tasks/get'].flatMap((method) =>
      tasks.map((task): Call => ({ kind: 'read', method, path, task })),
    ),
    ...['CancelTask', 'tasks/cancel'].flatMap((method) =>
      tasks.map((task): Call => ({ kind: 'cancel', method, path, task })),
    ),
    ...Object.keys(UNSERVED).map((method): Call => ({ kind: 'unserved', method, path })),
  ];
}

const ALL_CALLS: readonly Call[] = [
  ...PATHS.flatMap(callsOn),
  { kind: 'tool', agent: 'unsaid' },
  { kind: 'tool', agent: 'right' },
  { kind: 'tool', agent: 'wrong' },
  { kind: 'garbage', surface: 'a2a' },
  { kind: 'garbage', surface: 'tools-invoke' },
  { kind: 'card' },
  { kind: 'health' },
];

/** One of each kind: enough for those who are told one word whatever they ask. */
const ONE_OF_EACH: readonly Call[] = [
  ...PATHS.map((path): Call => ({ kind: 'send', method: 'SendMessage', path })),
  { kind: 'read', method: 'GetTask', path: 'named', task: 'own' },
  { kind: 'cancel', method: 'tasks/cancel', path: 'default', task: 'own' },
  { kind: 'unserved', method: 'ListTasks', path: 'named' },
  { kind: 'tool', agent: 'unsaid' },
  { kind: 'garbage', surface: 'a2a' },
  { kind: 'garbage', surface: 'tools-invoke' },
  { kind: 'card' },
  { kind: 'health' },
];

/**
 * `inbox` always is an alias, and other peers here have it; no task was ever taken under what is none. That a method is
 * not served has nothing to do with a grant: all of them are tried with one and without, one of them everywhere.
 */
function exists({ grant, call }: Cell): boolean {
  if (call.kind === 'unserved' && call.method !== 'ListTasks' && grant !== 'granted' && grant !== 'nowhere')
    return false;
  if ('path' in call && call.path === 'default' && (grant === 'nowhere' || grant === 'no-alias'))
    return false;
  return !('task' in call && call.task === 'own' && grant === 'no-alias');
}

export function cellsOf(grant: GrantState): readonly Cell[] {
  const all = [
    ...PAIRED.flatMap((caller) => ALL_CALLS.map((call) => ({ caller, grant, call }))),
    ...OTHERS.flatMap((caller) => ONE_OF_EACH.map((call) => ({ caller, grant, call }))),
  ];
  return all.filter(exists);
}

/** For a person who looks for a red one. */
export function nameOf({ caller, grant, call }: Cell): string {
  const { token, node, standing, clock } = caller;
  const who = `${token} token, ${node} node, ${standing}${clock === 'back' ? ', clock back' : ''}`;
  return `${Object.values(call).join(' ')} | ${who} | ${grant}`;
}
