import { hostname } from 'node:os';
import { join } from 'node:path';
import { cleanEnv, type CleanedEnv } from 'envalid';
import { problemLine, type Problem } from '../core/parsed.ts';
import type { SessionKey } from '../core/session-key.ts';
import { AgentPeerError } from '../errors.ts';
import { conflicts } from './conflicts.ts';
import { buildLimits, type LimitsConfig } from './limits.ts';
import { createSecret, type Secret } from './secret.ts';
import { readSecrets } from './secrets.ts';
import { unknownNames } from './unknown-names.ts';
import { Unusable } from './validators.ts';
import { SECRETS, VARIABLES } from './variables.ts';

/** Everything that is set from outside. Durations in milliseconds. */
export interface Config {
  /** Port of the peer listener, on the tailnet IPv4. */
  readonly peerPort: number;
  /** Port of the loopback API, on 127.0.0.1. */
  readonly localPort: number;
  readonly dataDir: string;
  readonly keyFile: string;
  readonly gatewayUrl: string;
  readonly tailscaleSocket: string;
  readonly tailnetWaitMs: number;
  /** What the gateway's owner sees in the list of devices. */
  readonly name: string;
  readonly messageTtlMs: number;
  /** How long what was said in messages that are over is kept, and how much of it. */
  readonly retention: { readonly keptMs: number; readonly maxBytes: number };
  readonly turnDeadlineMs: number;
  readonly drainMs: number;
  readonly limits: LimitsConfig;
  /** Null: made at first start and kept in the data directory. */
  readonly ownerToken: Secret | null;
  readonly agentToken: Secret | null;
  /** Ways to the loopback API from outside the namespace, and the names that it goes by beside its own. */
  readonly waysIn: {
    readonly isPublished: boolean;
    readonly socket: string | null;
    readonly hosts: readonly string[];
  };
  /** False: what runs in the namespace is an agent without a token. */
  readonly agentNeedsToken: boolean;
  /** Where the owner is told of what needs a person, beside the log and the status. */
  readonly notices: {
    readonly webhook: { readonly url: Secret; readonly token: Secret | null } | null;
    readonly session: SessionKey | null;
  };
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type Env = Readonly<Record<string, string | undefined>>;

const SPECS = { ...VARIABLES, ...SECRETS };

function read(env: Env) {
  const secrets = readSecrets(env);
  const problems: Problem[] = [...secrets.problems];
  const places: Readonly<Record<string, string | undefined>> = secrets.setBy;
  const plain = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, env[name]]));
  const values = cleanEnv({ ...plain, ...secrets.values }, SPECS, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries(errors)) {
        if (!(error instanceof Unusable)) throw error;
        problems.push({ where: places[name] ?? name, what: error.message, fix: error.fix });
      }
    },
  });
  // Without the ones that are missing from it: those must not be read.
  return { values, usable: { ...values }, problems };
}

type Complete = CleanedEnv<typeof SPECS>;

function secret(value: string | undefined): Secret | null {
  return value === undefined ? null : createSecret(value);
}

function buildNotices(values: Complete): Config['notices'] {
  const url = secret(values.AGENT_PEER_NOTICE_URL);
  return Object.freeze({
    webhook: url === null ? null : { url, token: secret(values.AGENT_PEER_NOTICE_TOKEN) },
    session: values.AGENT_PEER_NOTICE_SESSION ?? null,
  });
}

function build(values: Complete, host: string): Config {
  return Object.freeze({
    peerPort: values.AGENT_PEER_PORT,
    localPort: values.AGENT_PEER_LOCAL_PORT,
    dataDir: values.AGENT_PEER_DATA_DIR,
    keyFile: values.AGENT_PEER_KEY_FILE ?? join(values.AGENT_PEER_DATA_DIR, 'sealing.key'),
    gatewayUrl: values.AGENT_PEER_GATEWAY_URL,
    tailscaleSocket: values.AGENT_PEER_TAILSCALE_SOCKET,
    tailnetWaitMs: values.AGENT_PEER_TAILNET_WAIT_SECONDS * 1000,
    name: values.AGENT_PEER_NAME ?? host,
    messageTtlMs: values.AGENT_PEER_MESSAGE_TTL_HOURS * 3_600_000,
    retention: {
      keptMs: values.AGENT_PEER_RETENTION_DAYS * 86_400_000,
      maxBytes: values.AGENT_PEER_RETENTION_MIB * 1024 * 1024,
    },
    turnDeadlineMs: values.AGENT_PEER_TURN_DEADLINE_SECONDS * 1000,
    drainMs: values.AGENT_PEER_DRAIN_SECONDS * 1000,
    limits: buildLimits(values),
    ownerToken: secret(values.AGENT_PEER_OWNER_TOKEN),
    agentToken: secret(values.AGENT_PEER_AGENT_TOKEN),
    waysIn: Object.freeze({
      isPublished: values.AGENT_PEER_LOCAL_PUBLISHED,
      socket: values.AGENT_PEER_LOCAL_SOCKET ?? null,
      hosts: values.AGENT_PEER_LOCAL_HOSTS ?? [],
    }),
    agentNeedsToken: values.AGENT_PEER_AGENT_TOKEN_NEEDED,
    notices: buildNotices(values),
  });
}

/**
 * Reads the whole configuration at once and reports every problem in it, by variable name. Has no effect but to read
 * the secret files that are named.
 * @param host host name, the default for AGENT_PEER_NAME
 */
export function loadConfig(env: Env, host: string = hostname()): LoadedConfig {
  const { values, usable, problems } = read(env);
  const all = [...unknownNames(env), ...problems, ...conflicts(usable)];
  return all.length === 0 ? { ok: true, config: build(values, host) } : { ok: false, problems: all };
}

/** For the CLI: one error that carries every problem. Throws AgentPeerError `config-invalid`. */
export function mustLoadConfig(env: Env): Config {
  const loaded = loadConfig(env);
  if (loaded.ok) return loaded.config;
  throw new AgentPeerError(
    'config-invalid',
    loaded.problems.map(problemLine).join('; '),
    'See docs/configuration.md',
  );
}
