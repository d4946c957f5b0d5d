/** The dimensions of the negative matrix, and the cells that they make. Data only: nothing here knows what is right. */

/** `second`: the other token that is the peer's own, while its tokens are changed. */
export const TOKENS = ['none', 'unknown', 'carols', 'own', 'second'] as const;
/** `outsider`: of the tailnet, and no peer's. `nobody`: an address that whois knows nothing about. */
export const NODES = ['own', 'carols', 'outsider', 'nobody'] as const;
export const STANDINGS = ['active', 'revoked', 'expired', 'provisional', 'paused'] as const;
export type Standing = (typeof STANDINGS)[number];
/** How far a change of the peer's tokens is: `ending` and `ended` speak of the second one. */
export const CHANGES = ['none', 'begun', 'ending', 'ended'] as const;
export type Change = (typeof CHANGES)[number];

export interface CallerCell {
  readonly token: (typeof TOKENS)[number];
  readonly node: (typeof NODES)[number];
  /** Of the peer whose matters the request is about. */
  readonly standing: Standing;
  readonly change: Change;
  readonly clock: 'right' | 'back';
  /** Of all of it, whoever asks. */
  readonly stack: 'on' | 'paused';
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
  /** A body that is no JSON: only a peer hears what is wrong with it, but where one becomes a peer. */
  | { readonly kind: 'garbage'; readonly surface: 'a2a' | 'tools-invoke' | 'pair' }
  /** `claim`: with the secret of no invite. `rotate`: where no token is given in return yet. */
  | { readonly kind: 'pair'; readonly type: 'claim' | 'news' | 'rotate' }
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

const OWN: CallerCell = {
  ...{ token: 'own', node: 'own', standing: 'active' },
  ...{ change: 'none', clock: 'right', stack: 'on' },
};

/** The paired node with a token of its own, in every standing: those to whom more than one word may be told. */
const PAIRED: readonly CallerCell[] = [
  ...STANDINGS.map((standing) => ({ ...OWN, standing })),
  { ...OWN, token: 'second', change: 'begun' },
  { ...OWN, token: 'second', change: 'ending' },
  { ...OWN, clock: 'back' },
  { ...OWN, stack: 'paused' },
];

const OTHER_NODES = NODES.filter((node) => node !== 'own');

const OTHERS: readonly CallerCell[] = [
  ...(['active', 'revoked', 'expired'] as const)
    .flatMap((standing) =>
      TOKENS.flatMap((token) => NODES.map((node): CallerCell => ({ ...OWN, token, node, standing }))),
    )
    .filter(({ token, node }) => token !== 'second' && (token !== 'own' || node !== 'own')),
  ...(['provisional', 'paused'] as const).flatMap((standing): readonly CallerCell[] => [
    ...NODES.map((node): CallerCell => ({ ...OWN, token: 'none', node, standing })),
    ...OTHER_NODES.map((node): CallerCell => ({ ...OWN, node, standing })),
    { ...OWN, token: 'second', standing, change: 'begun' },
  ]),
  { ...OWN, change: 'begun' },
  { ...OWN, change: 'ending' },
  { ...OWN, change: 'ended' },
  { ...OWN, token: 'second', change: 'ended' },
  { ...OWN, token: 'second', node: 'outsider', change: 'ended' },
  ...OTHER_NODES.map((node): CallerCell => ({ ...OWN, token: 'second', node, change: 'begun' })),
  { ...OWN, token: 'second', change: 'begun', clock: 'back' },
  { ...OWN, token: 'none', clock: 'back' },
  { ...OWN, token: 'unknown', node: 'outsider', clock: 'back' },
  { ...OWN, token: 'none', node: 'nobody', clock: 'back' },
  { ...OWN, token: 'none', stack: 'paused' },
  { ...OWN, token: 'unknown', node: 'outsider', stack: 'paused' },
  { ...OWN, token: 'carols', node: 'carols', stack: 'paused' },
  { ...OWN, node: 'nobody', stack: 'paused' },
  ...STANDINGS.filter((standing) => standing !== 'active').map((standing): CallerCell => ({
    ...OWN,
    standing,
    stack: 'paused',
  })),
  { ...OWN, clock: 'back', stack: 'paused' },
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

const PAIR_CALLS: readonly Call[] = [
  { kind: 'pair', type: 'claim' },
  { kind: 'pair', type: 'news' },
  { kind: 'pair', type: 'rotate' },
  { kind: 'garbage', surface: 'pair' },
];

const ALL_CALLS: readonly Call[] = [
  ...PATHS.flatMap(callsOn),
  { kind: 'tool', agent: 'unsaid' },
  { kind: 'tool', agent: 'right' },
  { kind: 'tool', agent: 'wrong' },
  { kind: 'garbage', surface: 'a2a' },
  { kind: 'garbage', surface: 'tools-invoke' },
  ...PAIR_CALLS,
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
  ...PAIR_CALLS,
  { kind: 'card' },
  { kind: 'health' },
];

/**
 * `inbox` always is an alias, and other peers here have it; no task was ever taken under what is none. That a method is
 * not served has nothing to do with a grant: all of them are tried with one and without, one of them everywhere. Nor has
 * what is asked about a pairing.
 */
function exists({ grant, call }: Cell): boolean {
  const isOfPairing = call.kind === 'pair' || (call.kind === 'garbage' && call.surface === 'pair');
  if (isOfPairing && grant !== 'granted') return false;
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
  const { token, node, standing, change, clock, stack } = caller;
  const who = `${token} token, ${node} node, ${standing}, change ${change}${clock === 'back' ? ', clock back' : ''}`;
  const where = stack === 'paused' ? ' | stack paused' : '';
  return `${Object.values(call).join(' ')} | ${who} | ${grant}${where}`;
}
