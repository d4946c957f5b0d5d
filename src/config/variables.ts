import { BUDGETS } from '../core/guard.ts';
import { TEXT_LIMIT_BYTES } from '../core/message.ts';
import { noticeToken, noticeUrl, ownSession } from './notice-validators.ts';
import {
  absolutePath,
  gatewayUrl,
  hostNames,
  localToken,
  port,
  stackName,
  whole,
  yesNo,
} from './validators.ts';

/** Plain variables of the proxy. docs/configuration.md and .env.example list the same names and defaults. */
export const VARIABLES = {
  AGENT_PEER_PORT: port({ default: 8080 }),
  AGENT_PEER_LOCAL_PORT: port({ default: 18_790 }),
  AGENT_PEER_LOCAL_PUBLISHED: yesNo({ default: false }),
  AGENT_PEER_LOCAL_SOCKET: absolutePath({ default: undefined }),
  AGENT_PEER_LOCAL_HOSTS: hostNames({ default: undefined }),
  AGENT_PEER_AGENT_TOKEN_NEEDED: yesNo({ default: false }),
  AGENT_PEER_DATA_DIR: absolutePath({ default: '/data' }),
  AGENT_PEER_KEY_FILE: absolutePath({ default: undefined }),
  AGENT_PEER_GATEWAY_URL: gatewayUrl({ default: 'ws://127.0.0.1:18789' }),
  AGENT_PEER_TAILSCALE_SOCKET: absolutePath({ default: '/var/run/tailscale/tailscaled.sock' }),
  AGENT_PEER_TAILNET_WAIT_SECONDS: whole(1, 3600, 'a number of seconds')({ default: 60 }),
  AGENT_PEER_NAME: stackName({ default: undefined }),
  AGENT_PEER_MESSAGE_TTL_HOURS: whole(1, 720, 'a number of hours')({ default: 72 }),
  AGENT_PEER_RETENTION_DAYS: whole(8, 3650, 'a number of days')({ default: 30 }),
  AGENT_PEER_RETENTION_MIB: whole(16, 1_048_576, 'a number of MiB')({ default: 512 }),
  AGENT_PEER_TURN_DEADLINE_SECONDS: whole(10, 3600, 'a number of seconds')({ default: 600 }),
  AGENT_PEER_DRAIN_SECONDS: whole(1, 50, 'a number of seconds')({ default: 10 }),
  AGENT_PEER_NOTICE_SESSION: ownSession({ default: undefined }),
  AGENT_PEER_SENDS_PER_MINUTE: whole(1, 10_000, 'a number of messages')({ default: 30 }),
  AGENT_PEER_TOTAL_SENDS_PER_MINUTE: whole(1, 10_000, 'a number of messages')({ default: 120 }),
  AGENT_PEER_TURNS: whole(1, 64, 'a number of turns')({ default: 4 }),
  AGENT_PEER_TURNS_PER_PEER: whole(1, 64, 'a number of turns')({ default: 2 }),
  AGENT_PEER_TURNS_PER_HOUR: whole(1, 100_000, 'a number of turns')({ default: BUDGETS.turnsPerHour }),
  AGENT_PEER_TURNS_PER_DAY: whole(1, 1_000_000, 'a number of turns')({ default: BUDGETS.turnsPerDay }),
  AGENT_PEER_TURNS_PER_CONVERSATION: whole(
    1,
    100_000,
    'a number of turns',
  )({
    default: BUDGETS.turnsPerConversation,
  }),
  AGENT_PEER_KIB_PER_DAY: whole(1, 10_000_000, 'a number of KiB')({ default: BUDGETS.bytesPerDay / 1024 }),
  AGENT_PEER_POLLS_PER_MINUTE: whole(1, 100_000, 'a number of requests')({ default: 240 }),
  AGENT_PEER_ATTEMPTS_PER_MINUTE: whole(1, 100_000, 'a number of requests')({ default: 60 }),
  AGENT_PEER_WAITS: whole(1, 1024, 'a number of requests')({ default: 32 }),
  AGENT_PEER_WAITS_PER_PEER: whole(1, 1024, 'a number of requests')({ default: 8 }),
  AGENT_PEER_CONNECTIONS: whole(1, 1024, 'a number of connections')({ default: 64 }),
  AGENT_PEER_CONNECTIONS_PER_NODE: whole(1, 1024, 'a number of connections')({ default: 16 }),
  AGENT_PEER_TEXT_KIB: whole(1, TEXT_LIMIT_BYTES / 1024, 'a number of KiB')({ default: 64 }),
  AGENT_PEER_BODY_KIB: whole(16, 1024, 'a number of KiB')({ default: 256 }),
  AGENT_PEER_HEADER_KIB: whole(4, 64, 'a number of KiB')({ default: 32 }),
  AGENT_PEER_HEADER_SECONDS: whole(1, 60, 'a number of seconds')({ default: 10 }),
  AGENT_PEER_BODY_SECONDS: whole(1, 300, 'a number of seconds')({ default: 20 }),
  AGENT_PEER_IDLE_SECONDS: whole(1, 300, 'a number of seconds')({ default: 15 }),
  AGENT_PEER_ANSWER_SECONDS: whole(1, 300, 'a number of seconds')({ default: 30 }),
};

/** Secrets. Each can be given as it is or, better, as `<name>_FILE` with a path: a file does not show in `docker inspect`. */
export const SECRETS = {
  AGENT_PEER_OWNER_TOKEN: localToken({ default: undefined }),
  AGENT_PEER_AGENT_TOKEN: localToken({ default: undefined }),
  AGENT_PEER_NOTICE_URL: noticeUrl({ default: undefined }),
  AGENT_PEER_NOTICE_TOKEN: noticeToken({ default: undefined }),
};
export type SecretName = keyof typeof SECRETS;

/** Read by docker-compose.yml, not by the proxy; tolerated here because an `env_file` hands over everything. */
export const COMPOSE_VARIABLES = [
  'AGENT_PEER_NETNS_IMAGE',
  'AGENT_PEER_TAILSCALE_IMAGE',
  'AGENT_PEER_PROXY_IMAGE',
  'AGENT_PEER_GATEWAY_IMAGE',
  'AGENT_PEER_BASE_IMAGE',
] as const;

const secretNames = Object.keys(SECRETS);

/** Every AGENT_PEER_ name that the proxy reads. */
export const KNOWN_NAMES: readonly string[] = [
  ...Object.keys(VARIABLES),
  ...secretNames,
  ...secretNames.map((name) => `${name}_FILE`),
];
