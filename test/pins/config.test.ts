/**
 * Names and defaults that stand in people's .env files and scripts. Changing one breaks them silently, so a change here
 * belongs into the changelog. docs/configuration.md and .env.example must tell the same.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VARIABLES, SECRETS, COMPOSE_VARIABLES } from '../../src/config/variables.ts';

const DEFAULTS = {
  AGENT_PEER_PORT: '8080',
  AGENT_PEER_LOCAL_PORT: '18790',
  AGENT_PEER_DATA_DIR: '/data',
  AGENT_PEER_KEY_FILE: null,
  AGENT_PEER_GATEWAY_URL: 'ws://127.0.0.1:18789',
  AGENT_PEER_TAILSCALE_SOCKET: '/var/run/tailscale/tailscaled.sock',
  AGENT_PEER_TAILNET_WAIT_SECONDS: '60',
  AGENT_PEER_NAME: null,
  AGENT_PEER_MESSAGE_TTL_HOURS: '72',
  AGENT_PEER_RETENTION_DAYS: '30',
  AGENT_PEER_RETENTION_MIB: '512',
  AGENT_PEER_TURN_DEADLINE_SECONDS: '600',
  AGENT_PEER_DRAIN_SECONDS: '10',
  AGENT_PEER_LOCAL_PUBLISHED: 'no',
  AGENT_PEER_LOCAL_SOCKET: null,
  AGENT_PEER_LOCAL_HOSTS: null,
  AGENT_PEER_AGENT_TOKEN_NEEDED: 'no',
  AGENT_PEER_NOTICE_SESSION: null,
  AGENT_PEER_SENDS_PER_MINUTE: '30',
  AGENT_PEER_TOTAL_SENDS_PER_MINUTE: '120',
  AGENT_PEER_TURNS: '4',
  AGENT_PEER_TURNS_PER_PEER: '2',
  AGENT_PEER_TURNS_PER_HOUR: '20',
  AGENT_PEER_TURNS_PER_DAY: '60',
  AGENT_PEER_TURNS_PER_CONVERSATION: '30',
  AGENT_PEER_KIB_PER_DAY: '4096',
  AGENT_PEER_POLLS_PER_MINUTE: '240',
  AGENT_PEER_ATTEMPTS_PER_MINUTE: '60',
  AGENT_PEER_WAITS: '32',
  AGENT_PEER_WAITS_PER_PEER: '8',
  AGENT_PEER_CONNECTIONS: '64',
  AGENT_PEER_CONNECTIONS_PER_NODE: '16',
  AGENT_PEER_TEXT_KIB: '64',
  AGENT_PEER_BODY_KIB: '256',
  AGENT_PEER_HEADER_KIB: '32',
  AGENT_PEER_HEADER_SECONDS: '10',
  AGENT_PEER_BODY_SECONDS: '20',
  AGENT_PEER_IDLE_SECONDS: '15',
  AGENT_PEER_ANSWER_SECONDS: '30',
};
const SECRET_NAMES = [
  'AGENT_PEER_OWNER_TOKEN',
  'AGENT_PEER_OWNER_TOKEN_FILE',
  'AGENT_PEER_AGENT_TOKEN',
  'AGENT_PEER_AGENT_TOKEN_FILE',
  'AGENT_PEER_NOTICE_URL',
  'AGENT_PEER_NOTICE_URL_FILE',
  'AGENT_PEER_NOTICE_TOKEN',
  'AGENT_PEER_NOTICE_TOKEN_FILE',
];
const COMPOSE = {
  AGENT_PEER_NETNS_IMAGE: 'busybox:1.37',
  AGENT_PEER_TAILSCALE_IMAGE: 'tailscale/tailscale:v1.102.3',
  AGENT_PEER_PROXY_IMAGE: 'agent-peer/proxy:0.1.0',
  AGENT_PEER_GATEWAY_IMAGE: 'ghcr.io/openclaw/openclaw:2026.9.6',
  AGENT_PEER_BASE_IMAGE: 'node:24-bookworm-slim',
  TS_AUTHKEY_FILE: './secrets/ts_authkey',
  TS_HOSTNAME: 'agent-peer',
  TS_EXTRA_ARGS: '',
  COMPOSE_PROJECT_NAME: 'agent-peer',
};
const ALL = [...Object.keys(DEFAULTS), ...SECRET_NAMES, ...Object.keys(COMPOSE)].sort();

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

function sortedMatches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ''))].sort();
}

it('has these variables with these defaults', () => {
  const written = (value: unknown) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
  const own = Object.entries(VARIABLES).map(([name, spec]) => [
    name,
    spec.default === undefined ? null : written(spec.default),
  ]);
  expect(Object.fromEntries(own)).toEqual(DEFAULTS);
  expect(Object.keys(SECRETS).flatMap((name) => [name, `${name}_FILE`])).toEqual(SECRET_NAMES);
  expect([...COMPOSE_VARIABLES].sort()).toEqual(
    Object.keys(COMPOSE)
      .filter((name) => name.startsWith('AGENT_PEER_'))
      .sort(),
  );
});

it('lists exactly these in docs/configuration.md, with the same defaults', () => {
  const docs = read('docs/configuration.md');
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'));
  expect(sortedMatches(rows.map((row) => row.split('|')[1] ?? '').join(), /`([A-Z_]+)`/g)).toEqual(ALL);
  const shown = { ...DEFAULTS, ...COMPOSE, AGENT_PEER_KEY_FILE: '<data dir>/sealing.key' };
  for (const [name, value] of Object.entries(shown)) {
    if (value !== null && value !== '')
      expect(rows, name).toContainEqual(expect.stringContaining(`| \`${name}\` | \`${value}\` |`));
  }
});

it('lists exactly these in .env.example, with the same defaults, and sets none', () => {
  const example = read('.env.example');
  expect(sortedMatches(example, /^# ?([A-Z_]+)=/gm)).toEqual(ALL);
  expect(example).not.toMatch(/^[A-Z]/m);
  const shown = { ...DEFAULTS, ...COMPOSE, AGENT_PEER_KEY_FILE: '/data/sealing.key' };
  for (const [name, value] of Object.entries(shown))
    expect(example.split('\n'), name).toContain(`# ${name}=${value ?? ''}`);
});

it('hands exactly these over in docker-compose.yml, with the same defaults', () => {
  const compose = read('docker-compose.yml');
  expect(sortedMatches(compose, /^ {6}(AGENT_PEER_[A-Z_]+):$/gm)).toEqual(
    [...Object.keys(DEFAULTS), ...SECRET_NAMES].sort(),
  );
  expect(sortedMatches(compose, /\$\{([A-Z_]+):-/g)).toEqual(Object.keys(COMPOSE).sort());
  for (const [name, value] of Object.entries(COMPOSE))
    expect(compose, name).toContain(`\${${name}:-${value}}`);
});
