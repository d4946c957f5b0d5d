import type { Attack } from '../attack.ts';
import { CLAIM, NEWS, pair, ROTATE, SENT } from './pair-call.ts';

/** Every one is refused for its form: none of them is a try at a secret. */
function fields(name: string, why: string, base: object, changes: readonly object[]): readonly Attack[] {
  return changes.map((changed, i) => pair(`${name}-${i}`, why, { ...base, ...changed }));
}

/** In place of one value: what another reader takes for it, or turns into it. */
const NO_TEXT: readonly unknown[] = [undefined, null, 0, 1, true, [], {}, ['a'], { toString: 'a' }];
const NO_FLAG: readonly unknown[] = [undefined, null, 0, 1, 'true', 'false', '', [], {}, [true]];

const under = (name: string, values: readonly unknown[]) => values.map((value) => ({ [name]: value }));

const types = fields(
  'type',
  'A type that is none, or that another reader takes for one.',
  CLAIM,
  under('type', [
    ...NO_TEXT,
    ...['', 'Claim', 'CLAIM', ' claim', 'claim ', 'claim\0', 'cla\u0131m', ['claim'], 'invite', 'accept'],
    ...[
      'confirm',
      'approve',
      'revoke',
      'message-send',
      '__proto__',
      'constructor',
      'toString',
      'a'.repeat(4000),
    ],
  ]),
);

const secrets = fields(
  'secret',
  'A secret that is none: too short to be one, or made so that it breaks what it is put into.',
  CLAIM,
  under('secret', [
    ...NO_TEXT,
    ...['', ' ', 'a'.repeat(21), 'a'.repeat(65), 'a'.repeat(7000), `${SENT.secret}\n`, ` ${SENT.secret}`],
    ...[
      `${SENT.secret}\0`,
      `${SENT.secret}%00`,
      `${SENT.secret}=`,
      'é'.repeat(22),
      "' OR '1'='1' -- aaaaaaaaa",
    ],
    ...['../../../../etc/passwd', '%', '*'.repeat(22), '__proto__'],
  ]),
);

const tokens = fields(
  'token',
  'What we are to present must be a peer token: it is sent to that node with every message.',
  CLAIM,
  under('token', [
    ...NO_TEXT,
    ...['', 'apt_', SENT.token.slice(0, -1), `${SENT.token}s`, `${SENT.token}\r\nx-a: b`, ` ${SENT.token}`],
    ...[`Bearer ${SENT.token}`, `apo_${'s'.repeat(43)}`, `APT_${'s'.repeat(43)}`, `apt_${'é'.repeat(43)}`],
    ...[`apt_${'s'.repeat(42)}=`, `apt_${'s'.repeat(42)}.`],
  ]),
);

const offers = fields(
  'offers',
  'What is offered are aliases, and not many.',
  CLAIM,
  under('offers', [
    ...[undefined, null, 0, true, '', 'inbox', {}, { length: 1, 0: 'inbox' }, [null], [0], [{}], [['inbox']]],
    ...[
      [''],
      ['In Box'],
      ['any'],
      ['*'],
      ['agent:main:main'],
      ['a'.repeat(33)],
      ['a'.repeat(1000)],
      ['inbox\n'],
    ],
    ...[['../x'], ['__proto__'], ['inbox', 'Hand Off'], Array<string>(33).fill('inbox')],
  ]),
);

const flags = [
  ...fields('confirmed', 'A yes of the owner that is none.', CLAIM, under('confirmed', NO_FLAG)),
  ...fields('news-confirmed', 'The same of the other owner.', NEWS, under('confirmed', NO_FLAG)),
  ...fields('news-ready', 'The same about the other side.', NEWS, under('ready', NO_FLAG)),
];

/** Members that would say what only this stack's owner says. */
const BESIDE: readonly object[] = [
  ...[
    { peer: 'carol' },
    { name: 'carol' },
    { nodeId: 'ncarol' },
    { node: 'ncarol' },
    { login: 'a@example.com' },
  ],
  ...[{ grants: [{ alias: 'inbox', sessionKey: 'agent:main:main' }] }, { sessionKey: 'agent:main:main' }],
  ...[{ operations: ['message-send'] }, { hold: 'none' }, { state: 'active' }, { expiresAt: null }],
  ...[
    { ownConfirmed: true },
    { otherReady: true },
    { invite: 'a' },
    { id: 1, jsonrpc: '2.0', method: 'claim' },
  ],
  ...[
    { tokenDigest: 'f'.repeat(64) },
    { constructor: {} },
    { toString: 'a' },
    { '': 'a' },
    { Type: 'claim' },
  ],
];

const beside: readonly Attack[] = [
  ...fields('beside-claim', 'A member that says what only the owner may.', CLAIM, [
    ...BESIDE,
    { ready: true },
  ]),
  ...fields('beside-news', 'The same beside news.', NEWS, [
    ...BESIDE,
    ...[{ token: SENT.token }, { secret: SENT.secret }, { offers: ['inbox'] }, { stage: 'complete' }],
  ]),
  ...fields('beside-rotate', 'The same beside a token.', ROTATE, [
    ...BESIDE,
    ...[{ secret: SENT.secret }, { old: SENT.token }, { until: 0 }, { confirmed: true }],
  ]),
];

const rotations = fields(
  'rotate-token',
  'A token to change to that is none.',
  ROTATE,
  under('token', [
    ...NO_TEXT,
    '',
    'apt_',
    SENT.token.slice(0, -1),
    `${SENT.token}\n`,
    `apo_${'s'.repeat(43)}`,
  ]),
);

const calls: readonly Attack[] = [
  pair('call-rpc', 'A claim inside a call.', { jsonrpc: '2.0', id: 1, method: 'claim', params: CLAIM }),
  pair('call-tool', 'A claim inside a tool call.', { tool: 'claim', args: CLAIM }),
  pair('call-wrapped', 'A claim one level down.', { claim: CLAIM }),
];

/** What stands in the fields of a request to `POST /pair`. */
export const PAIR_FIELD_ATTACKS: readonly Attack[] = [
  ...[...types, ...secrets, ...tokens, ...offers, ...flags],
  ...[...beside, ...rotations, ...calls],
];
