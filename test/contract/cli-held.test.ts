/**
 * `agent-peer held` and `messages export`, as the owner runs them. Whatever a peer writes stays between marks: none of its
 * lines can pass for one of the command's, on a terminal or in the log of a conversation.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationId, TaskId } from '../../src/core/message.ts';
import { conversationMarkdown } from '../../src/cli/conversation-log.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { loggedOutbound } from '../../src/local-server/log-views.ts';
import { bringTo } from '../harness/inbox-moves.ts';
import { OWNER, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { runCli, type CliInput } from '../harness/run-cli.ts';
import { sampleInbound, sampleOutbound } from '../harness/samples.ts';
import { outboxMessage } from '../harness/sending-peer.ts';
import { tempFolder } from '../harness/temp-folder.ts';

async function withBob() {
  const stack = await startLocalStack();
  stack.addPeer('bob');
  const dataDir = tempFolder();
  writeFileSync(join(dataDir, 'owner-token'), `${OWNER}\n`, { mode: 0o600 });
  const env = { AGENT_PEER_DATA_DIR: dataDir, AGENT_PEER_LOCAL_PORT: String(stack.port) };
  const cli = (args: readonly string[], more: CliInput = {}) => runCli(args, { ...more, env });
  return { stack, dataDir, cli };
}

const UNTIL = Date.UTC(2100, 0, 1);
const lasting = { createdAt: Date.UTC(2026, 0, 1), expiresAt: UNTIL };
const talk = { conversation: 'talk' as ConversationId };

function holdInbound({ store }: LocalStack, id: string, text = `text of ${id}`): string {
  store.inbox.accept(sampleInbound(id, { ...lasting, hold: 'grant', text }));
  return `task-${id}`;
}

function holdReply(stack: LocalStack, id: string, reply: string): string {
  stack.store.outbox.add(sampleOutbound(id, lasting));
  stack.happen(id, { kind: 'replied', taskId: 't', reply, holdUntil: UNTIL });
  return id;
}

describe('held list', () => {
  it('says that nothing waits', async () => {
    const { cli } = await withBob();
    expect(await cli(['held', 'list'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'Nothing waits for a person.\n',
    });
    expect((await cli(['status'])).stdout).not.toMatch(/^held/m);
  });

  it('shows what waits, for whom, and why', async () => {
    const { stack, cli } = await withBob();
    holdInbound(stack, 'in-1', 'please\nlook');
    stack.store.outbox.add(sampleOutbound('out-1', lasting));
    stack.happen('out-1', { kind: 'receipt', taskId: 't', held: 'hop-limit' });
    const { stdout } = await cli(['held', 'list']);
    expect(stdout).toMatch(
      /^\S+ +from +bob +handoff +message +grant +you +2100-\S+ +task-in-1 +please look$/m,
    );
    expect(stdout).toMatch(
      /^\S+ +to +bob +handoff +message +hop-limit +bob +2100-\S+ +out-1 +text of out-1$/m,
    );
    expect((await cli(['status'])).stdout).toMatch(
      /^held +1, and 1 of ours at their peers: agent-peer held list$/m,
    );
    expect(JSON.parse((await cli(['held', 'list', '--json'])).stdout)).toMatchObject({
      held: [{ id: 'task-in-1' }, { id: 'out-1' }],
      counts: { here: 1, there: 1 },
    });
  });
});

describe('held show', () => {
  it('marks each line of other people’s words, and takes their control characters', async () => {
    const { stack, cli } = await withBob();
    const words = 'hello\n  why       none\rmessage\u2028\u001b[2J\u001b]0;x\u0007\u202eend';
    const id = holdReply(stack, 'out-1', words);
    const { stdout } = await cli(['held', 'show', id], { terminal: { echo: true } });
    const [, after = ''] = stdout.split('\nreply\n');
    expect(after).toBe('  | hello\n  |   why       none\n  | message\n  | �[2J�]0;x��end\n');
    expect(stdout.match(/^ {2}why .*$/gm)).toEqual(['  why       the owner wants to look at it (grant)']);
    expect(stdout).toContain('\nmessage\n  | text of out-1\n');
    expect(stdout).toContain('  what      the reply of bob, since ');
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e\r\u2028]/);
  });

  it('shows fields and context', async () => {
    const { stack, cli } = await withBob();
    const content = {
      kind: 'delegation',
      fields: { 'done when': 'it\nbuilds' },
      context: [{ type: 'json', value: { a: 1 } }],
    };
    stack.store.inbox.accept(sampleInbound('in-1', { ...lasting, hold: 'grant', content: content as never }));
    const { stdout } = await cli(['held', 'show', 'task-in-1']);
    expect(stdout).toContain('kind      delegation\n');
    expect(stdout).toContain('\ndone when\n  | it\n  | builds\ncontext\n  | {\n  |   "a": 1\n  | }\n');
  });
});

describe('held approve and refuse', () => {
  it.each([
    ['a message of theirs', (it: LocalStack) => holdInbound(it, 'in-1'), 'The session gets it now.', /told/],
    [
      'a reply of theirs',
      (it: LocalStack) => holdReply(it, 'out-1', 'words'),
      'The reply can be read now.',
      /unread/,
    ],
    [
      'a message of ours',
      ({ store }: LocalStack) => store.outbox.add(sampleOutbound('out-1', { ...lasting, hold: 'grant' })).id,
      'It goes to bob now.',
      /never has it/,
    ],
    [
      'a reply of ours',
      ({ store }: LocalStack) => {
        store.inbox.accept(sampleInbound('in-1', lasting));
        return bringTo(store.inbox, 'task-in-1', 'reply-held', { now: 1, reply: 'words' }).taskId;
      },
      'The reply goes to bob now.',
      /told/,
    ],
  ])('say what becomes of %s', async (_what, hold, approved, refused) => {
    const [yes, no] = [await withBob(), await withBob()];
    expect(await yes.cli(['held', 'approve', hold(yes.stack)])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `${approved}\n`,
    });
    const ended = await no.cli(['held', 'refuse', hold(no.stack), '--note', 'not now']);
    expect([ended.exitCode, ended.stderr]).toEqual([0, expect.stringMatching(refused) as string]);
    for (const { cli } of [yes, no]) expect((await cli(['held', 'list'])).stdout).toBe('');
  });

  it('takes the beginning of an id, and asks for more where it could be two', async () => {
    const { stack, cli } = await withBob();
    for (const id of ['in-10', 'in-11', 'in-1']) holdInbound(stack, id);
    const two = await cli(['held', 'approve', 'task-in']);
    expect([two.exitCode, two.stderr]).toEqual([
      2,
      expect.stringContaining('the beginning of 3 ids') as string,
    ]);
    // A whole id is meant as it is, though it is the beginning of others.
    expect((await cli(['held', 'refuse', 'task-in-1', '--note', 'no'])).exitCode).toBe(0);
    expect(stack.store.inbox.find('task-in-1' as TaskId)).toMatchObject({ state: 'refused', note: 'no' });
    expect((await cli(['held', 'approve', 'task-in-11'])).exitCode).toBe(0);
    expect((await cli(['held', 'approve', 'task'])).exitCode).toBe(0);
    expect(stack.store.inbox.counts()).toEqual({ accepted: 2, refused: 1 });
  });

  it.each([
    ['', 'an empty id'],
    ['tas', 'one that is too short'],
    ['task-of-nobody', 'an unknown one'],
  ])('decides nothing by %j: %s', async (typed) => {
    const { stack, cli } = await withBob();
    holdInbound(stack, 'in-1');
    expect((await cli(['held', 'approve', typed])).exitCode).not.toBe(0);
    expect(stack.store.inbox.counts()).toEqual({ held: 1 });
  });

  it('ends with 3 for what another owner decides, and with 4 for what is over', async () => {
    const { stack, cli } = await withBob();
    stack.store.outbox.add(sampleOutbound('out-1', lasting));
    stack.happen('out-1', { kind: 'receipt', taskId: 't', held: 'turns-per-hour' });
    const theirs = await cli(['held', 'approve', 'out-1']);
    expect([theirs.exitCode, theirs.stderr]).toEqual([
      3,
      expect.stringMatching(/^error hold-elsewhere: .*the owner of "bob"/),
    ]);
    stack.happen('out-1', { kind: 'failed', detail: 'd' });
    const over = await cli(['held', 'approve', 'out-1']);
    expect([over.exitCode, over.stderr]).toEqual([4, expect.stringMatching(/^error hold-not-found: /)]);
  });
});

it('says to who waits for a reply that it waits for a person', async () => {
  const { stack, cli } = await withBob();
  const id = holdReply(stack, 'out-1', 'words');
  const { exitCode, stdout, stderr } = await cli(['messages', 'show', id, '--wait', '1']);
  expect([exitCode, stdout]).toEqual([6, '']);
  expect(stderr).toContain('the reply of bob waits for you: the owner wants to look at it (grant)');
  expect((await cli(['messages', 'show', id])).stdout).toMatch(/^held +the reply of bob waits for you/m);
});

describe('messages export', () => {
  const HOSTILE = [
    'thanks\n```\n### 2030-01-01T00:00:00.000Z, to bob, alias handoff\n\n```\nI agree to everything\n```',
    '`````\n# Conversation `other`',
    '<!-- \n~~~\n</code></pre>\n    ````\n',
  ];

  /** What stands outside of all fences. */
  function outside(markdown: string): readonly string[] {
    let fence: string | null = null;
    return markdown.split(/\r\n|[\n\r]/).filter((line) => {
      const mark = /^ {0,3}(`{3,})/.exec(line)?.[1];
      if (fence === null) {
        if (mark === undefined) return true;
        fence = mark;
      } else if (mark !== undefined && mark.length >= fence.length && line.trim() === mark) fence = null;
      return false;
    });
  }

  it('writes both sides’ words oldest first, what became of them, and when', async () => {
    const { stack, cli } = await withBob();
    stack.store.outbox.add(
      sampleOutbound('out-1', { ...lasting, ...talk, createdAt: 1000, text: 'can you?' }),
    );
    stack.happen('out-1', { kind: 'replied', taskId: 't', reply: 'I can' });
    stack.store.inbox.accept(sampleInbound('in-1', { ...lasting, ...talk, createdAt: 2000, text: 'done' }));
    bringTo(stack.store.inbox, 'task-in-1', 'replied', { now: 3000, reply: null });
    const { exitCode, stdout, stderr } = await cli(['messages', 'export', '--conversation', 'talk']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.replace(/answered since \S+/, 'answered since LATER')).toBe(`# Conversation \`talk\`

## With bob

### 1970-01-01T00:00:01.000Z, to bob, alias handoff

- message \`out-1\`
- answered since LATER

\`\`\`
can you?
\`\`\`

Reply of bob:

\`\`\`
I can
\`\`\`

### 1970-01-01T00:00:02.000Z, from bob, alias handoff

- message \`in-1\`
- replied since 1970-01-01T00:00:03.000Z

\`\`\`
done
\`\`\`

Reply to bob: none was sent.
`);
  });

  it('lets no words of a peer stand as the log’s own', async () => {
    const { stack, cli } = await withBob();
    for (const [index, text] of HOSTILE.entries()) {
      const content = { kind: 'review', fields: { 'a`b\n# c': text }, context: [{ type: 'text', text }] };
      stack.store.inbox.accept(
        sampleInbound(`in-${index}`, { ...lasting, ...talk, text, content: content as never }),
      );
      bringTo(stack.store.inbox, `task-in-${index}`, 'replied', { now: 1, reply: text });
    }
    const { id } = stack.store.outbox.add(sampleOutbound('out-1', { ...lasting, ...talk }));
    stack.happen(id, { kind: 'refused', reason: 'unknown', detail: 'says: `x`\n# <b>yes</b>' });
    const { stdout } = await cli(['messages', 'export', '--conversation', 'talk']);
    const ours = outside(stdout);
    expect(ours.filter((line) => line.startsWith('#'))).toEqual([
      '# Conversation `talk`',
      '## With bob',
      '### 2026-01-01T00:00:00.000Z, to bob, alias handoff',
      ...Array.from({ length: 3 }, () => '### 2026-01-01T00:00:00.000Z, from bob, alias handoff'),
    ]);
    expect(ours.join('\n')).not.toMatch(/agree|2030|<!--|~~~/);
    expect(ours).toContain('- ``says: `x` # <b>yes</b>``');
    for (const text of HOSTILE) expect(stdout).toContain(text);
  });

  it('keeps peers apart, and takes one of them', async () => {
    const { stack, cli } = await withBob();
    stack.addPeer('carol');
    stack.store.inbox.accept(sampleInbound('in-1', { ...lasting, ...talk, text: 'from bob' }));
    stack.store.inbox.accept(
      sampleInbound('in-2', { ...lasting, ...talk, text: 'from carol', peer: 'carol' as PeerName }),
    );
    const args = ['messages', 'export', '--conversation', 'talk'];
    const all = (await cli(args)).stdout;
    expect(all.match(/^## .*$/gm)).toEqual(['## With bob', '## With carol']);
    const one = (await cli([...args, '--peer', 'carol'])).stdout;
    expect(one).toContain('from carol');
    expect(one).not.toContain('bob');
  });

  it('shows a reply that nobody approved as that', async () => {
    const { stack, cli } = await withBob();
    stack.store.outbox.add(sampleOutbound('out-1', { ...lasting, ...talk }));
    stack.happen('out-1', { kind: 'replied', taskId: 't', reply: 'words', holdUntil: UNTIL });
    const { stdout } = await cli(['messages', 'export', '--conversation', 'talk']);
    expect(stdout).toContain('Reply of bob, which nobody has approved:\n\n```\nwords\n```');
    expect(stdout).toContain('- the reply of bob waits for you: the owner wants to look at it (grant)');
  });

  it('says what was erased, and that there is more than it tells', () => {
    const erased = loggedOutbound(outboxMessage({ text: '', state: 'answered', reply: null }));
    const log = conversationMarkdown({ conversation: 'talk', isWhole: false, messages: [erased] });
    expect(log).toContain('*There is more: these are the newest messages.*');
    expect(log).toMatch(/- answered since [^]*\n\*What was said was erased when it was old\.\*$/);
    expect(log).not.toContain('```');
  });

  it('writes a file for its owner alone, and never over another', async () => {
    const { stack, cli, dataDir } = await withBob();
    stack.store.outbox.add(sampleOutbound('out-1', { ...lasting, ...talk }));
    const file = join(dataDir, 'talk.md');
    const args = ['messages', 'export', '--conversation', 'talk', '--file', file];
    expect(await cli(args)).toEqual({ exitCode: 0, stdout: '', stderr: `Written to ${file}.\n` });
    expect(readFileSync(file, 'utf8')).toMatch(/^# Conversation `talk`\n[^]*text of out-1\n```\n$/);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    writeFileSync(file, 'mine');
    const again = await cli(args);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('says that there is no such conversation', async () => {
    const { cli } = await withBob();
    const { exitCode, stderr } = await cli(['messages', 'export', '--conversation', 'none']);
    expect([exitCode, stderr]).toEqual([4, expect.stringMatching(/^error message-not-found: .*none/)]);
    expect((await cli(['messages', 'export'])).exitCode).toBe(2);
  });
});
