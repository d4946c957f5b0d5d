import { accepted, PARAMS_INVALID, PUSH_UNSUPPORTED } from '../answers.ts';
import type { Aim, Attack, Expectation } from '../attack.ts';
import { given, message, plainText, request, type Of } from '../bytes.ts';
import { changed, harmless, stopped } from './messages.ts';

function configured(
  id: string,
  why: string,
  configuration: Of<object>,
  expect: Expectation = PARAMS_INVALID,
): Attack {
  return {
    id,
    why,
    bytes: request({ body: (aim) => message(id, {}, given(configuration, aim)) }),
    expect: [expect],
  };
}

const configurations: readonly Attack[] = [
  configured(
    'message-push',
    'This stack posts to an address that the sender names.',
    ({ canary }: Aim) => ({ taskPushNotificationConfig: { url: canary } }),
    PUSH_UNSUPPORTED,
  ),
  configured(
    'message-push-old',
    'The same under the older name.',
    ({ canary }: Aim) => ({ pushNotificationConfig: { url: canary } }),
    PUSH_UNSUPPORTED,
  ),
  configured(
    'message-push-with-token',
    'And it presents a token there.',
    ({ canary }: Aim) => ({
      pushNotificationConfig: {
        url: canary,
        token: 'a',
        authentication: { schemes: ['Bearer'], credentials: 'a' },
      },
    }),
    PUSH_UNSUPPORTED,
  ),
  configured(
    'message-push-hook',
    'The address is the gateway’s own hook.',
    { taskPushNotificationConfig: { url: 'http://127.0.0.1:18789/hooks/wake' } },
    PUSH_UNSUPPORTED,
  ),
  configured(
    'message-push-metadata-service',
    'The address is a cloud’s metadata.',
    { taskPushNotificationConfig: { url: 'http://169.254.169.254/' } },
    PUSH_UNSUPPORTED,
  ),
  configured('message-push-null', 'None, said aloud.', { pushNotificationConfig: null }, PUSH_UNSUPPORTED),
  configured(
    'message-push-empty',
    'One without an address.',
    { taskPushNotificationConfig: {} },
    PUSH_UNSUPPORTED,
  ),
  configured('message-push-snake', 'The other convention.', {
    push_notification_config: { url: 'http://127.0.0.1/' },
  }),
  configured('message-webhook', 'An address under another name.', { webhook: 'http://127.0.0.1/' }),
  configured('message-callback', 'And another one.', { callbackUrl: 'http://127.0.0.1/' }),
  configured('message-blocking', 'The older wish to wait without end.', { blocking: true }),
  configured('message-history-negative', 'A negative length of the history.', { historyLength: -1 }),
  configured('message-history-text', 'A length that is a text.', { historyLength: '10' }),
  configured('message-return-text', 'A text that is true for a careless check.', {
    returnImmediately: 'false',
  }),
  configured('message-modes-many', 'A list without end.', {
    acceptedOutputModes: Array<string>(33).fill('text/plain'),
  }),
  configured('message-modes-long', 'A mode without end.', { acceptedOutputModes: ['a'.repeat(129)] }),
  configured(
    'message-history-huge',
    'All of the history: there is none to give.',
    { historyLength: 1_000_000_000 },
    accepted(plainText('message-history-huge')),
  ),
];

const OURS = 'urn:agent-peer:message:1';
const extended = (value: unknown) => ({ metadata: { [OURS]: value } });

const extensions: readonly Attack[] = [
  stopped(
    'message-hop-5',
    'One machine more than a chain may cross: two agents answer each other for ever.',
    extended({ hop: 5 }),
  ),
  stopped('message-hop-1000', 'Far more.', extended({ hop: 1000 })),
  changed('message-hop-negative', 'A negative hop leaves room for a longer chain.', extended({ hop: -1 })),
  changed(
    'message-hop-huge',
    'A hop that wraps round when it is counted on.',
    extended({ hop: 1_000_000_000 }),
  ),
  changed('message-hop-fraction', 'A fraction never reaches the limit.', extended({ hop: 0.5 })),
  changed('message-hop-text', 'A text to which one is appended.', extended({ hop: '1' })),
  changed('message-hop-null', 'Null counts as zero.', extended({ hop: null })),
  changed('message-hop-list', 'A list compares as its member.', extended({ hop: [1] })),
  harmless('message-hop-4', 'As far as a chain may go.', extended({ hop: 4 })),
  changed(
    'message-ttl-zero',
    'A message that expired when it came is run all the same.',
    extended({ ttlSeconds: 0 }),
  ),
  changed('message-ttl-negative', 'The same, and longer ago.', extended({ ttlSeconds: -1 })),
  changed('message-ttl-huge', 'A row that is never over.', extended({ ttlSeconds: 1_000_000_000_000 })),
  changed('message-ttl-over', 'One second over the limit.', extended({ ttlSeconds: 31_536_001 })),
  changed('message-ttl-fraction', 'Half a second.', extended({ ttlSeconds: 0.5 })),
  changed('message-ttl-text', 'A text that is multiplied.', extended({ ttlSeconds: '60' })),
  harmless(
    'message-ttl-limit',
    'A year is cut to what the owner allows.',
    extended({ ttlSeconds: 31_536_000 }),
  ),
  changed(
    'message-extension-unknown',
    'A field of ours that we have not.',
    extended({ sessionKey: 'agent:main:main' }),
  ),
  changed('message-extension-list', 'A list in its place.', extended([])),
  changed('message-extension-null', 'Null in its place.', extended(null)),
  changed('message-extension-text', 'A text in its place.', extended('{"hop":0}')),
  harmless('message-extension-version', 'Another version of ours is nobody’s.', {
    metadata: { 'urn:agent-peer:message:2': { hop: 9 } },
  }),
  harmless(
    'message-extension-named',
    'A list of extensions is fetched by a curious server.',
    ({ canary }: Aim) => ({ extensions: [canary] }),
  ),
  changed('message-extensions-many', 'More of them than there can be.', {
    extensions: Array<string>(17).fill('urn:a'),
  }),
  changed('message-extensions-long', 'A name without end.', { extensions: ['a'.repeat(257)] }),
  changed('message-extensions-object', 'An object in place of a name.', { extensions: [{ uri: 'urn:a' }] }),
];

const metadata: readonly Attack[] = [
  harmless('message-metadata-session', 'A session in the open map.', {
    metadata: { sessionKey: 'agent:main:main', agentId: 'main', deliver: true },
  }),
  harmless('message-metadata-owner', 'The owner’s authority in the open map.', {
    metadata: { senderIsOwner: true, role: 'owner', scopes: ['operator.admin'] },
  }),
  harmless('message-metadata-openclaw', 'What the gateway’s own channel would read.', {
    metadata: { openclaw: { sessionKey: 'agent:main:main' } },
  }),
  harmless('message-metadata-many', 'Ten thousand keys: within the limit of a body, and kept nowhere.', {
    metadata: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])),
  }),
  harmless('message-metadata-wide', 'A list of fifty thousand.', {
    metadata: { a: Array<number>(50_000).fill(1) },
  }),
  harmless('message-metadata-collisions', 'Keys that are numbers are kept in another place.', {
    metadata: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [String(i * 65_536), 0])),
  }),
  changed('message-metadata-list', 'A list in its place.', { metadata: [] }),
  changed('message-metadata-text', 'A text in its place.', { metadata: 'a' }),
  changed('message-metadata-null', 'Null in its place.', { metadata: null }),
];

/** The open and the defined extras of a message: configuration, our extension, metadata. */
export const MESSAGE_EXTRA_ATTACKS: readonly Attack[] = [...configurations, ...extensions, ...metadata];
