/**
 * The configuration, as whoever writes a .env file meets it.
 *
 * Nothing has to be set. All problems are reported at once, each with the variable that was set, what is wrong and what
 * to do. A secret is never quoted, and does not show when the configuration is printed. A secret file that is missing,
 * unreadable, empty or open to every user is refused.
 */
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig, type Config, type Env } from '../../src/config/env.ts';
import { openLocalTokens } from '../../src/config/local-tokens.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const TOKEN = 'a-long-enough-owner-token-0123456789';
const OTHER = 'a-long-enough-agent-token-0123456789';

function configOf(env: Env): Config {
  const loaded = loadConfig(env, 'host');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

function problemsOf(env: Env): readonly (readonly [string, string])[] {
  const loaded = loadConfig(env, 'host');
  return loaded.ok ? [] : loaded.problems.map(({ where, what }) => [where, what] as const);
}

function secretFile(content: string | Buffer, mode = 0o600): string {
  const path = join(tempFolder(), 'secret');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe('loadConfig', () => {
  it('needs nothing', () => {
    expect(configOf({})).toMatchObject({ peerPort: 8080, localPort: 18790, dataDir: '/data', name: 'host' });
  });

  it('ignores the variables of other programs, and those that Compose reads', () => {
    expect(problemsOf({ PORT: 'x', PATH: '/bin', AGENT_PEER_PROXY_IMAGE: 'agent-peer/proxy:1' })).toEqual([]);
  });

  it('keeps the key beside the data, wherever that is', () => {
    expect(configOf({ AGENT_PEER_DATA_DIR: '/srv/peer' }).keyFile).toBe('/srv/peer/sealing.key');
    expect(configOf({ AGENT_PEER_KEY_FILE: '/keys/k' }).keyFile).toBe('/keys/k');
  });

  it('gives durations in milliseconds', () => {
    const env = {
      AGENT_PEER_MESSAGE_TTL_HOURS: '1',
      AGENT_PEER_TURN_DEADLINE_SECONDS: '90',
      AGENT_PEER_DRAIN_SECONDS: '5',
    };
    expect(configOf(env)).toMatchObject({ messageTtlMs: 3_600_000, turnDeadlineMs: 90_000, drainMs: 5000 });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(configOf({}))).toBe(true);
    expect(Object.isFrozen(configOf({}).limits)).toBe(true);
  });

  it('hands each limit on under the name that the parts have for it', () => {
    const env = {
      AGENT_PEER_SENDS_PER_MINUTE: '2',
      AGENT_PEER_TOTAL_SENDS_PER_MINUTE: '3',
      AGENT_PEER_TURNS: '5',
      AGENT_PEER_TURNS_PER_PEER: '4',
      AGENT_PEER_TURNS_PER_HOUR: '5',
      AGENT_PEER_TURNS_PER_DAY: '6',
      AGENT_PEER_TURNS_PER_CONVERSATION: '7',
      AGENT_PEER_KIB_PER_DAY: '8',
      AGENT_PEER_POLLS_PER_MINUTE: '6',
      AGENT_PEER_ATTEMPTS_PER_MINUTE: '7',
      AGENT_PEER_WAITS: '9',
      AGENT_PEER_WAITS_PER_PEER: '8',
      AGENT_PEER_CONNECTIONS: '11',
      AGENT_PEER_CONNECTIONS_PER_NODE: '10',
      AGENT_PEER_TEXT_KIB: '12',
      AGENT_PEER_BODY_KIB: '100',
      AGENT_PEER_HEADER_KIB: '13',
      AGENT_PEER_HEADER_SECONDS: '14',
      AGENT_PEER_BODY_SECONDS: '15',
      AGENT_PEER_IDLE_SECONDS: '16',
      AGENT_PEER_ANSWER_SECONDS: '17',
    };
    expect(configOf(env).limits).toEqual({
      sends: {
        ...{ sendsPerMinute: 2, totalSendsPerMinute: 3 },
        budgets: { turnsPerHour: 5, turnsPerDay: 6, turnsPerConversation: 7, bytesPerDay: 8 * 1024 },
      },
      turns: { turnsAtOnce: 5, turnsPerPeer: 4 },
      listener: {
        pollsPerMinute: 6,
        attemptsPerMinute: 7,
        waits: 9,
        waitsPerPeer: 8,
        connections: 11,
        connectionsPerNode: 10,
        textBytes: 12_288,
        bodyBytes: 102_400,
        headerBytes: 13_312,
        headersMs: 14_000,
        requestMs: 15_000,
        idleMs: 16_000,
        answerMs: 17_000,
      },
    });
  });

  it('reports every problem in one run', () => {
    const found = problemsOf({
      AGENT_PEER_PORT: 'http',
      AGENT_PEER_LOCAL_PORT: '70000',
      AGENT_PEER_DATA_DIR: 'data',
      AGENT_PEER_GATEWAY_URL: 'ws://192.168.1.5:18789',
      AGENT_PEER_NAME: '',
      AGENT_PEER_OWNER_TOKEN: 'short',
      AGENT_PEER_AGENT_TOKEN_FILE: '/nowhere/token',
      AGENT_PEER_GATEWAY_TOKEN: 'x',
    });
    expect(found.map(([where]) => where)).toEqual([
      'AGENT_PEER_GATEWAY_TOKEN',
      'AGENT_PEER_AGENT_TOKEN_FILE',
      'AGENT_PEER_PORT',
      'AGENT_PEER_LOCAL_PORT',
      'AGENT_PEER_DATA_DIR',
      'AGENT_PEER_GATEWAY_URL',
      'AGENT_PEER_NAME',
      'AGENT_PEER_OWNER_TOKEN',
    ]);
  });

  it.each([
    ['AGENT_PEER_PORT', ['0', '65536', '80a', '-1', '8080.5', ' ', '']],
    ['AGENT_PEER_DATA_DIR', ['data', './data', '']],
    ['AGENT_PEER_NAME', ['my stack', '-a', 'a'.repeat(64), 'straße', '']],
    ['AGENT_PEER_TAILNET_WAIT_SECONDS', ['0', '3601', '1m']],
    ['AGENT_PEER_MESSAGE_TTL_HOURS', ['0', '721', '1.5']],
    ['AGENT_PEER_RETENTION_DAYS', ['7', '3651', '30d']],
    ['AGENT_PEER_RETENTION_MIB', ['15', '1048577']],
    ['AGENT_PEER_TURN_DEADLINE_SECONDS', ['9', '3601']],
    ['AGENT_PEER_DRAIN_SECONDS', ['0', '51']],
    ['AGENT_PEER_AGENT_TOKEN_NEEDED', ['true', '1', 'Yes']],
    ['AGENT_PEER_SENDS_PER_MINUTE', ['0', '-1', 'many', '10001']],
    ['AGENT_PEER_TURNS', ['0', '65']],
    ['AGENT_PEER_CONNECTIONS_PER_NODE', ['0', '1.5']],
    ['AGENT_PEER_TEXT_KIB', ['0', '65']],
    ['AGENT_PEER_BODY_KIB', ['15', '1025']],
    ['AGENT_PEER_HEADER_KIB', ['3', '65']],
    ['AGENT_PEER_ANSWER_SECONDS', ['0', '301', '30s']],
    [
      'AGENT_PEER_GATEWAY_URL',
      [
        'http://127.0.0.1:18789',
        'wss://127.0.0.1:1',
        'ws://10.0.0.1:1',
        'ws://127.0.0.1.evil.example:1',
        'ws://u:p@127.0.0.1:1',
        'ws://127.0.0.1:1/?token=x',
        'nonsense',
      ],
    ],
  ])('%s is refused when it is one of %j', (name, values) => {
    for (const value of values)
      expect(
        problemsOf({ [name]: value }).map(([where]) => where),
        value,
      ).toEqual([name]);
  });

  it.each([
    ['AGENT_PEER_PROT', 'AGENT_PEER_PORT'],
    ['AGENT_PEER_OWNER_TOKENFILE', 'AGENT_PEER_OWNER_TOKEN_FILE'],
  ])('says what %s may have been meant to be', (name, meant) => {
    const loaded = loadConfig({ [name]: '1' });
    expect(loaded).toMatchObject({ ok: false, problems: [{ where: name, fix: `Did you mean ${meant}?` }] });
  });

  it.each([
    ['AGENT_PEER_CONNECTIONS_PER_NODE', '65', 'AGENT_PEER_CONNECTIONS', '64'],
    ['AGENT_PEER_SENDS_PER_MINUTE', '121', 'AGENT_PEER_TOTAL_SENDS_PER_MINUTE', '120'],
    ['AGENT_PEER_WAITS_PER_PEER', '33', 'AGENT_PEER_WAITS', '32'],
    ['AGENT_PEER_TURNS_PER_PEER', '5', 'AGENT_PEER_TURNS', '4'],
    ['AGENT_PEER_TURNS_PER_HOUR', '61', 'AGENT_PEER_TURNS_PER_DAY', '60'],
    ['AGENT_PEER_HEADER_SECONDS', '21', 'AGENT_PEER_BODY_SECONDS', '20'],
  ])('%s of %s is refused beside a %s of %s, and taken beside a higher one', (part, more, whole, all) => {
    expect(problemsOf({ [part]: more })).toEqual([[part, `is ${more}, more than ${whole} (${all})`]]);
    expect(problemsOf({ [part]: all })).toEqual([]);
    expect(problemsOf({ [part]: more, [whole]: more })).toEqual([]);
  });

  it('wants room in a body for the text that may be in it', () => {
    const tooSmall = 'is 207, too small for a text of 64 KiB (AGENT_PEER_TEXT_KIB) as JSON';
    expect(problemsOf({ AGENT_PEER_BODY_KIB: '207' })).toEqual([['AGENT_PEER_BODY_KIB', tooSmall]]);
    expect(problemsOf({ AGENT_PEER_BODY_KIB: '208' })).toEqual([]);
    expect(problemsOf({ AGENT_PEER_BODY_KIB: '19', AGENT_PEER_TEXT_KIB: '1' })).toEqual([]);
  });

  it('reports what does not fit together beside all other problems, and leaves out what it could not read', () => {
    const env = {
      AGENT_PEER_PORT: 'http',
      AGENT_PEER_TURNS: 'none',
      AGENT_PEER_TURNS_PER_PEER: '9',
      AGENT_PEER_WAITS: '2',
      AGENT_PEER_LOCAL_PORT: '18789',
    };
    expect(problemsOf(env).map(([where]) => where)).toEqual([
      'AGENT_PEER_PORT',
      'AGENT_PEER_TURNS',
      'AGENT_PEER_LOCAL_PORT',
      'AGENT_PEER_WAITS_PER_PEER',
    ]);
  });

  it('does not let the loopback API take the port of the gateway', () => {
    expect(problemsOf({ AGENT_PEER_LOCAL_PORT: '18789' })).toEqual([
      ['AGENT_PEER_LOCAL_PORT', 'is the port of the gateway'],
    ]);
  });
});

describe('where notices go', () => {
  const url = 'https://ntfy.example/my-topic?auth=abc';

  it('is nowhere but the log and the status', () => {
    expect(configOf({}).notices).toEqual({ webhook: null, session: null });
  });

  it('is a URL, with a token or without, and a session in the form in which the gateway has it', () => {
    const { webhook } = configOf({ AGENT_PEER_NOTICE_URL_FILE: secretFile(`${url}\n`) }).notices;
    expect([webhook?.url.reveal(), webhook?.token]).toEqual([url, null]);
    const env = {
      AGENT_PEER_NOTICE_URL: 'http://127.0.0.1:2586/x',
      AGENT_PEER_NOTICE_TOKEN_FILE: secretFile('tk_1'),
    };
    expect(configOf(env).notices.webhook?.token?.reveal()).toBe('tk_1');
    const session = (key: string) => configOf({ AGENT_PEER_NOTICE_SESSION: key }).notices.session;
    expect(session(' Agent:Main:MAIN ')).toBe('agent:main:main');
    expect(session('agent:main:telegram:direct:123')).toBe('agent:main:telegram:direct:123');
  });

  it.each([
    ['AGENT_PEER_NOTICE_URL', 'ntfy.sh/my-topic', /not an http/],
    ['AGENT_PEER_NOTICE_URL', 'ftp://ntfy.sh/my-topic', /not an http/],
    ['AGENT_PEER_NOTICE_URL', 'https://me:my-topic@ntfy.sh/x', /user or a password/],
    ['AGENT_PEER_NOTICE_URL', 'https://ntfy.sh/x#my-topic', /behind "#"/],
    ['AGENT_PEER_NOTICE_URL', 'http://100.100.1.2/my-topic', /on the tailnet/],
    ['AGENT_PEER_NOTICE_URL', 'http://[fd7a:115c:a1e0::1]/my-topic', /on the tailnet/],
    ['AGENT_PEER_NOTICE_URL', '', /empty/],
    ['AGENT_PEER_NOTICE_SESSION', 'main', /session/],
    ['AGENT_PEER_NOTICE_SESSION', 'agent:main:current', /another session for each caller/],
    ['AGENT_PEER_NOTICE_TOKEN', 'tk_1', /without an AGENT_PEER_NOTICE_URL/],
  ])('is not %s=%s', (name, value, what) => {
    expect(problemsOf({ [name]: value })).toEqual([[name, expect.stringMatching(what)]]);
  });

  it('is quoted in no problem, and does not show when the configuration is printed', () => {
    const problems = JSON.stringify([
      loadConfig({ AGENT_PEER_NOTICE_URL: 'https://me:pw@secret-host/my-topic' }),
      loadConfig({ AGENT_PEER_NOTICE_URL: 'secret-host/my-topic', AGENT_PEER_NOTICE_TOKEN: 'to ken' }),
    ]);
    const printed = inspect(configOf({ AGENT_PEER_NOTICE_URL: url, AGENT_PEER_NOTICE_TOKEN: 'tk_1' }), {
      depth: 9,
    });
    for (const secret of ['my-topic', 'secret-host', 'pw', 'to ken']) expect(problems).not.toContain(secret);
    for (const secret of ['my-topic', 'ntfy.example', 'tk_1']) expect(printed).not.toContain(secret);
  });
});

describe('secrets', () => {
  it('come from the variable or from the file, without the newline at its end', () => {
    expect(configOf({ AGENT_PEER_OWNER_TOKEN: TOKEN }).ownerToken?.reveal()).toBe(TOKEN);
    expect(configOf({ AGENT_PEER_OWNER_TOKEN_FILE: secretFile(`${TOKEN}\n`) }).ownerToken?.reveal()).toBe(
      TOKEN,
    );
  });

  it('do not show when the configuration is printed in any way', () => {
    const config = configOf({ AGENT_PEER_OWNER_TOKEN: TOKEN });
    const printed = [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      String(config.ownerToken),
      Object.values(config).join(),
    ];
    for (const text of printed) expect(text).not.toContain(TOKEN);
    expect(printed[0]).toContain('[secret]');
  });

  it.each([
    [
      'both the value and the file',
      () => ({ AGENT_PEER_OWNER_TOKEN: TOKEN, AGENT_PEER_OWNER_TOKEN_FILE: secretFile(TOKEN) }),
      'AGENT_PEER_OWNER_TOKEN',
      /so is AGENT_PEER_OWNER_TOKEN_FILE/,
    ],
    [
      'a file that is not there',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: '/nowhere/x' }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /does not exist/,
    ],
    [
      'a path below a file',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: `${secretFile(TOKEN)}/x` }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /does not exist/,
    ],
    [
      'a folder',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: tempFolder() }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /is a directory/,
    ],
    [
      'an empty file',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: secretFile('\n') }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /is empty/,
    ],
    [
      'a file that everybody can read',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: secretFile(TOKEN, 0o644) }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /can be read by every user/,
    ],
    [
      'a huge file',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: secretFile('x'.repeat(5000)) }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /too long/,
    ],
    [
      'a relative path',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: 'token' }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /absolute/,
    ],
    [
      'a value in the file that is no token',
      () => ({ AGENT_PEER_OWNER_TOKEN_FILE: secretFile('my token') }),
      'AGENT_PEER_OWNER_TOKEN_FILE',
      /is not a token/,
    ],
    [
      'a short value',
      () => ({ AGENT_PEER_AGENT_TOKEN: 'hunter2' }),
      'AGENT_PEER_AGENT_TOKEN',
      /is not a token/,
    ],
    [
      'one token for both roles',
      () => ({ AGENT_PEER_OWNER_TOKEN: TOKEN, AGENT_PEER_AGENT_TOKEN: TOKEN }),
      'AGENT_PEER_AGENT_TOKEN',
      /same as the owner token/,
    ],
  ] as const)('refuses %s', (_what, env, where, what) => {
    expect(problemsOf(env())).toEqual([[where, expect.stringMatching(what)]]);
  });

  it('quotes no secret in a problem', () => {
    const loaded = loadConfig({
      AGENT_PEER_OWNER_TOKEN: 'secret with blanks',
      AGENT_PEER_AGENT_TOKEN_FILE: secretFile('another secret'),
    });
    expect(loaded.ok).toBe(false);
    expect(JSON.stringify(loaded)).not.toMatch(/secret with blanks|another secret/);
  });
});

describe('openLocalTokens', () => {
  const none = { ownerToken: null, agentToken: null };

  it('makes two tokens at the first start, for this user alone, and keeps them', () => {
    const dataDir = tempFolder();
    const first = openLocalTokens({ dataDir, ...none });
    expect(first.owner).toMatch(/^apo_[\w-]{43}$/);
    expect(first.agent).toMatch(/^apa_[\w-]{43}$/);
    expect(openLocalTokens({ dataDir, ...none })).toEqual(first);
    expect(readdirSync(dataDir).sort()).toEqual(['agent-token', 'owner-token']);
    for (const file of readdirSync(dataDir))
      expect(statSync(join(dataDir, file)).mode & 0o777, file).toBe(0o600);
    expect(readFileSync(join(dataDir, 'owner-token'), 'utf8')).toBe(`${first.owner}\n`);
  });

  it('prefers those that were configured, and stores none of them', () => {
    const dataDir = tempFolder();
    const { ownerToken, agentToken } = configOf({
      AGENT_PEER_OWNER_TOKEN: TOKEN,
      AGENT_PEER_AGENT_TOKEN: OTHER,
    });
    expect(openLocalTokens({ dataDir, ownerToken, agentToken })).toEqual({ owner: TOKEN, agent: OTHER });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each([
    ['empty', '', 0o600, /is empty/],
    ['open to every user', 'apo_x', 0o644, /every user/],
  ])('refuses a token file that is %s', (_what, content, mode, message) => {
    const dataDir = tempFolder();
    writeFileSync(join(dataDir, 'owner-token'), content);
    chmodSync(join(dataDir, 'owner-token'), mode);
    expect(() => openLocalTokens({ dataDir, ...none })).toThrow(message);
  });

  it('says that the data folder cannot be written', () => {
    const dataDir = join(tempFolder(), 'file');
    mkdirSync(dataDir);
    mkdirSync(join(dataDir, 'owner-token.new'));
    expect(() => openLocalTokens({ dataDir, ...none })).toThrow(/cannot write .*owner-token/);
  });
});
