/**
 * The audit log as its owner reads it: over the loopback API, with `agent-peer audit`, and held against another owner's.
 *
 * It is the owner's alone. It filters, newest first, and its JSON is what the other owner's `audit compare` takes. That
 * ends with 0 when both logs tell the same, with 3 and the messages in question when they do not, and says in one line
 * what is wrong with a file that it cannot read.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createDigests } from '../../src/digests.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import { AGENT, ask, OWNER, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { runCli } from '../harness/run-cli.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const digests = createDigests();

const FIELDS = [
  'alias',
  'allowed',
  'direction',
  'messageId',
  'nodeId',
  'operation',
  'peer',
  'reason',
  'skipped',
  'surface',
  'textDigest',
  'time',
];

function received(id: string, peer: string, change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    direction: 'inbound',
    surface: 'a2a',
    operation: 'message-send',
    allowed: true,
    reason: 'accepted',
    peer: peer as PeerName,
    nodeId: `n${peer}` as NodeId,
    alias: 'inbox',
    messageId: id,
    textDigest: digests.text(id),
    ...change,
  };
}

function sent(id: string, peer: string, change: Partial<AuditEntry> = {}): AuditEntry {
  const outbound = {
    direction: 'outbound',
    surface: 'local',
    operation: 'message-submit',
    nodeId: null,
  } as const;
  return { ...received(id, peer), ...outbound, ...change };
}

const stranger = received('x', 'x', { peer: null, allowed: false, reason: 'token-unknown', messageId: null });

async function startOwner() {
  const stack = await startLocalStack();
  const dataDir = tempFolder();
  writeFileSync(join(dataDir, 'owner-token'), OWNER, { mode: 0o600 });
  const env = { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(stack.port) };
  const cli = (args: readonly string[], stdin = '') => runCli(args, { env, stdin });
  const file = (text: string) => {
    const path = join(dataDir, 'theirs');
    writeFileSync(path, text);
    return path;
  };
  return { stack, env, cli, file };
}

function record(stack: LocalStack, ...entries: AuditEntry[]): void {
  for (const entry of entries) {
    stack.audit.record(entry);
    stack.clock.aheadMs += 1000;
  }
}

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const idsIn = (text: string) => (json(text)['lines'] as AuditEntry[]).map(({ messageId }) => messageId);

describe('GET /api/v1/audit', () => {
  it('is for the owner alone', async () => {
    const { port } = await startLocalStack();
    const answer = await ask(port, '/api/v1/audit', { token: AGENT });
    expect([answer.status, answer.json['code']]).toEqual([403, 'local-role-refused']);
    expect((await ask(port, '/api/v1/audit', { token: null })).status).toBe(401);
  });

  it('answers lines with these fields, newest first', async () => {
    const stack = await startLocalStack();
    record(stack, received('m-1', 'bob'), stranger);
    const { lines } = (await ask(stack.port, '/api/v1/audit')).json as { lines: object[] };
    expect(lines.map((line) => Object.keys(line).sort())).toEqual([FIELDS, FIELDS]);
    expect(lines).toMatchObject([
      { reason: 'token-unknown', peer: null },
      { reason: 'accepted', peer: 'bob', messageId: 'm-1', textDigest: digests.text('m-1'), skipped: 0 },
    ]);
  });

  it.each([
    ['peer=bob', ['m-3', 'm-1']],
    ['reason=accepted', ['m-2', 'm-1']],
    ['allowed=true', ['m-2', 'm-1']],
    ['allowed=false', ['m-3']],
    ['message=m-2', ['m-2']],
    ['limit=1', ['m-3']],
    ['peer=bob&allowed=true', ['m-1']],
    ['since=2000-01-01T00:00:00Z', ['m-3', 'm-2', 'm-1']],
    ['since=2000-01-01T00:00:00%2B02:00', ['m-3', 'm-2', 'm-1']],
    ['since=2100-01-01T00:00:00Z', []],
  ])('filters: %s', async (query, ids) => {
    const stack = await startLocalStack();
    const refused = { allowed: false, reason: 'alias-not-granted' };
    record(stack, received('m-1', 'bob'), received('m-2', 'carol'), received('m-3', 'bob', refused));
    expect(idsIn((await ask(stack.port, `/api/v1/audit?${query}`)).text)).toEqual(ids);
  });

  it.each(['limit=0', 'limit=10001', 'allowed=maybe', 'since=yesterday', 'text=x', 'peer=a&peer=b'])(
    'refuses %s',
    async (query) => {
      const { port } = await startLocalStack();
      const answer = await ask(port, `/api/v1/audit?${query}`);
      expect([answer.status, answer.json['code']]).toEqual([400, 'input-invalid']);
    },
  );

  it('has what this machine sent, with the hash that the receiver will log', async () => {
    const stack = await startLocalStack();
    stack.addPeer('bob');
    const body = { peer: 'bob', alias: 'inbox', text: 'grüße 🙂' };
    const { json: message } = await ask(stack.port, '/api/v1/messages', { method: 'POST', body });
    const { lines } = (await ask(stack.port, '/api/v1/audit')).json as { lines: AuditEntry[] };
    expect(lines).toMatchObject([
      {
        direction: 'outbound',
        operation: 'message-submit',
        allowed: true,
        peer: 'bob',
        messageId: message['id'],
        textDigest: digests.text('grüße 🙂'),
      },
    ]);
  });
});

describe('audit', () => {
  it('prints a table', async () => {
    const { stack, cli } = await startOwner();
    record(stack, received('m-1', 'bob'), sent('m-2', 'bob'), stranger);
    const { exitCode, stdout } = await cli(['audit']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((row) => row.replaceAll(/ +/g, ' ').replace(/^[\d-]+T\S+/, 'T'))).toEqual([
      'TIME PEER OPERATION ALIAS DECISION REASON MESSAGE',
      'T from node nx message-send inbox deny token-unknown -',
      'T to bob message-submit inbox allow accepted m-2',
      'T from bob message-send inbox allow accepted m-1',
      '',
    ]);
  });

  it('says how many more there were of a refusal', async () => {
    const { stack, cli } = await startOwner();
    for (let n = 0; n < 100; n += 1) stack.audit.record(stranger);
    stack.clock.aheadMs += 60_000;
    expect((await cli(['audit'])).stdout).toContain('and 94 more like it');
  });

  it.each([
    [
      ['--peer', 'bob'],
      ['m-3', 'm-1'],
    ],
    [['--refused'], ['m-3']],
    [['--allowed'], ['m-2', 'm-1']],
    [['--reason', 'alias-not-granted'], ['m-3']],
    [['--message', 'm-2'], ['m-2']],
    [
      ['--limit', '2'],
      ['m-3', 'm-2'],
    ],
    [
      ['--since', '2h'],
      ['m-3', 'm-2', 'm-1'],
    ],
    [
      ['--since', '2000-01-01'],
      ['m-3', 'm-2', 'm-1'],
    ],
    [['--since', '2100-01-01T12:00Z'], []],
  ])('filters: %s', async (args, ids) => {
    const { stack, cli } = await startOwner();
    const refused = { allowed: false, reason: 'alias-not-granted' };
    record(stack, received('m-1', 'bob'), received('m-2', 'carol'), received('m-3', 'bob', refused));
    const { exitCode, stdout } = await cli(['audit', ...args, '--json']);
    expect([exitCode, idsIn(stdout)]).toEqual([0, ids]);
  });

  it('leaves out what is older', async () => {
    const { stack, cli } = await startOwner();
    stack.clock.aheadMs = -3 * 3_600_000;
    record(stack, received('old', 'bob'));
    stack.clock.aheadMs = -3_600_000;
    record(stack, received('new', 'bob'));
    expect(idsIn((await cli(['audit', '--since', '2h', '--json'])).stdout)).toEqual(['new']);
  });

  it('shows fifty lines, and all of them as JSON', async () => {
    const { stack, cli } = await startOwner();
    for (let n = 0; n < 60; n += 1) stack.audit.record(received(`m-${n}`, 'bob'));
    expect((await cli(['audit'])).stdout.trimEnd().split('\n')).toHaveLength(51);
    expect(idsIn((await cli(['audit', '--json'])).stdout)).toHaveLength(60);
  });

  it('says that there is nothing', async () => {
    const { cli } = await startOwner();
    expect(await cli(['audit'])).toEqual({ exitCode: 0, stdout: '', stderr: 'No such decisions.\n' });
  });

  it.each([
    [['--refused', '--allowed']],
    [['--since', 'yesterday']],
    [['--since', '2026-10-01T12:00']],
    [['--since', '2026-13-01']],
    [['--limit', '0']],
  ])('refuses %s', async (args) => {
    const { cli } = await startOwner();
    const { exitCode, stderr } = await cli(['audit', ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error input-invalid: .+\n$/)]);
  });
});

/** Alice's and Bob's stacks after they exchanged messages, and what Bob exported of it. */
async function exchange(change: { bob?: (entries: AuditEntry[]) => AuditEntry[] } = {}) {
  const [alice, bob] = [await startOwner(), await startOwner()];
  for (const { stack } of [alice, bob]) stack.clock.aheadMs = -60_000;
  record(
    alice.stack,
    received('hello', 'bob', { operation: 'health-read', messageId: null, textDigest: null }),
  );
  const bobs = [
    received('hello', 'alice', { operation: 'health-read', messageId: null, textDigest: null }),
    received('m-1', 'alice'),
    sent('m-2', 'alice'),
    received('m-2b', 'alice', { allowed: false, reason: 'text-too-long' }),
    stranger,
  ];
  record(alice.stack, sent('m-1', 'bob'), received('m-2', 'bob'), sent('m-2b', 'bob'), stranger);
  record(bob.stack, ...(change.bob ?? ((all) => all))(bobs));
  const exported = (await bob.cli(['audit', '--json'])).stdout;
  return { alice, bob, exported };
}

describe('audit compare', () => {
  it('ends with 0 when both logs tell the same', async () => {
    const { alice, exported } = await exchange();
    const { exitCode, stdout, stderr } = await alice.cli(['audit', 'compare', alice.file(exported)]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^The logs agree \(bob here, alice there; from \S+ to \S+: 2 same, 1 refused\)\.\n$/,
    );
  });

  it('takes the other log from stdin, and prints JSON', async () => {
    const { alice, exported } = await exchange();
    const { exitCode, stdout } = await alice.cli(['audit', 'compare', '-', '--json'], exported);
    expect([exitCode, json(stdout)]).toMatchObject([
      0,
      {
        agree: true,
        here: 'bob',
        there: 'alice',
        counts: { same: 2, 'hash-differs': 0, 'only-here': 0, 'only-there': 0, refused: 1, outside: 0 },
        messages: [
          { messageId: 'm-1', sender: 'here', outcome: 'same', hereDigest: digests.text('m-1') },
          { messageId: 'm-2', sender: 'there', outcome: 'same' },
          { messageId: 'm-2b', sender: 'here', outcome: 'refused', reason: 'text-too-long' },
        ],
      },
    ]);
  });

  it.each<[string, (all: AuditEntry[]) => AuditEntry[], RegExp]>([
    [
      'another hash',
      (all) => all.map((one) => (one.messageId === 'm-1' ? { ...one, textDigest: digests.text('x') } : one)),
      /here +hash-differs +m-1 +[0-9a-f]{12} +[0-9a-f]{12}/,
    ],
    [
      'one message less',
      (all) => all.filter(({ messageId }) => messageId !== 'm-1'),
      /here +only-here +m-1 +[0-9a-f]{12} +-/,
    ],
    [
      'one message more',
      (all) => [...all, received('made-up', 'alice')],
      /here +only-there +made-up +- +[0-9a-f]{12}/,
    ],
  ])('ends with 3 and the message when theirs has %s', async (_what, bob, row) => {
    const { alice, exported } = await exchange({ bob });
    const { exitCode, stdout, stderr } = await alice.cli(['audit', 'compare', alice.file(exported)]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^The logs differ \(bob here, alice there/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stdout).toMatch(row);
    expect(stderr).toContain('agent-peer messages show');
  });

  it('takes a log that was written out anew, and a bare audit.jsonl', async () => {
    const { alice, exported } = await exchange();
    const document = json(exported);
    const lines = (document['lines'] as object[]).map((line) => JSON.stringify(line)).join('\n');
    for (const text of [JSON.stringify(document), `${lines}\n`]) {
      const run = await alice.cli(['audit', 'compare', alice.file(text)]);
      expect([run.exitCode, run.stdout]).toEqual([0, expect.stringContaining('2 same, 1 refused') as string]);
    }
  });

  it('asks whose log it is when that cannot be told, and takes --peer for an answer', async () => {
    const { alice, exported } = await exchange({
      bob: (all) => [...all.slice(0, 1), sent('other', 'alice')],
    });
    record(alice.stack, sent('m-9', 'carol'));
    const file = alice.file(exported);
    const asked = await alice.cli(['audit', 'compare', file]);
    expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('--peer') as string]);
    const named = await alice.cli(['audit', 'compare', file, '--peer', 'bob', '--json']);
    const { messages } = json(named.stdout) as { messages: { messageId: string }[] };
    expect(messages.map(({ messageId }) => messageId).sort()).toEqual(['m-1', 'm-2', 'm-2b', 'other']);
  });

  it('does not show messages of others as missing', async () => {
    const { alice, exported } = await exchange();
    record(alice.stack, sent('to-carol', 'carol'), received('from-carol', 'carol'));
    const { exitCode, stdout } = await alice.cli(['audit', 'compare', alice.file(exported)]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(': 2 same, 1 refused') as string]);
  });

  const BAD =
    '{\n  "readAt": "2026-01-01T00:00:00.000Z",\n  "filter": {},\n  "lines": [\n    {\n      "time": 1\n    }\n  ]\n}';

  it.each([
    ['an empty file', '\n', /theirs: is empty/],
    ['half a document', '{\n  "readAt": "2026', /theirs line 2: string without an end/],
    ['a duplicate key', '{\n"readAt": 1,\n"readAt": 2}', /theirs line 3: duplicate key/],
    ['another document', '{"messages": []}', /theirs: not an export of an audit log/],
    ['a list', '[1]', /theirs: not an export of an audit log/],
    ['words', 'TIME PEER\n', /theirs line 1: expected a value/],
    ['a line that is none', BAD, /theirs line 5: not a line of an audit log: time .*; direction /],
    ['no lines', '{"readAt":"2026-01-01T00:00:00Z","filter":{},"lines":[]}', /theirs: has no lines/],
    [
      'a filter that leaves messages out',
      '{"readAt":"2026-01-01T00:00:00Z","filter":{"reason":"accepted"},"lines":[]}',
      /theirs: exported with a filter \(reason\) that leaves messages out/,
    ],
  ])('says in one line what is wrong with %s', async (_what, text, message) => {
    const { alice } = await exchange();
    const { exitCode, stdout, stderr } = await alice.cli(['audit', 'compare', alice.file(text)]);
    expect([exitCode, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr).toMatch(message);
  });

  it('names the line of a bare audit.jsonl that is torn, or made up', async () => {
    const { alice, exported } = await exchange();
    const rows = (json(exported)['lines'] as object[]).map((line) => JSON.stringify(line));
    const torn = [...rows.slice(0, 2), (rows[2] ?? '').slice(0, 50)].join('\n');
    const first = await alice.cli(['audit', 'compare', alice.file(torn)]);
    expect([first.exitCode, first.stderr]).toEqual([
      2,
      expect.stringMatching(/theirs line 3, character \d+: /),
    ]);
    const forged = [rows[0], (rows[1] ?? '').replace('"message-send"', '"message\\nsend"')].join('\n');
    const second = await alice.cli(['audit', 'compare', alice.file(forged)]);
    expect(second.stderr).toMatch(/theirs line 2: not a line of an audit log: operation is not a word/);
  });

  it('says that there is no such file, that it is no text, and that two logs have no time in common', async () => {
    const { alice, exported } = await exchange();
    const missing = await alice.cli(['audit', 'compare', '/nowhere/theirs']);
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('ENOENT') as string]);
    const path = alice.file('');
    writeFileSync(path, Buffer.from([0x7b, 0xff]));
    expect((await alice.cli(['audit', 'compare', path])).stderr).toContain('is not UTF-8');
    const old = exported.replaceAll(/"20\d\d-/g, '"1999-');
    const apart = await alice.cli(['audit', 'compare', alice.file(old)]);
    expect([apart.exitCode, apart.stderr]).toEqual([
      2,
      expect.stringContaining('no time in common') as string,
    ]);
  });
});
