/**
 * `GET /api/v1/changes`, for who follows messages as they come and go.
 *
 * From a cursor on nothing is left out: not where many rows changed at one instant and do not fit into one answer, and not what
 * happened while nobody asked. Nothing is told twice. Who waits is answered when there is something, and when the time is up.
 */
import { describe, expect, it } from 'vitest';
import { AGENT, ask, startLocalStack, type LocalStack } from '../harness/local-stack.ts';
import { sampleInbound, sampleOutbound } from '../harness/samples.ts';

interface News {
  readonly changes: readonly { readonly direction: string; readonly id: string; readonly state: string }[];
  readonly cursor: string;
}

async function news(stack: LocalStack, since?: string, waitSeconds = 0): Promise<News> {
  const query = since === undefined ? '' : `?since=${since}&waitSeconds=${waitSeconds}`;
  const answer = await ask(stack.port, `/api/v1/changes${query}`);
  expect(answer.status).toBe(200);
  return answer.json as unknown as News;
}

/** Everything from a cursor on, answer by answer. */
async function all(stack: LocalStack, since: string): Promise<readonly News['changes'][]> {
  const pages: News['changes'][] = [];
  for (let cursor = since; ;) {
    const page = await news(stack, cursor);
    if (page.changes.length === 0) return pages;
    pages.push(page.changes);
    cursor = page.cursor;
  }
}

const BEGINNING = '0.0.0';

describe('from a cursor on', () => {
  it('tells each of many changes of one instant once, whatever the pages', async () => {
    const stack = await startLocalStack();
    stack.addPeer('bob');
    const at = { createdAt: Date.UTC(2026, 0, 1) };
    for (let n = 0; n < 250; n += 1) {
      stack.store.outbox.add(sampleOutbound(`out-${n}`, at));
      stack.store.inbox.accept(sampleInbound(`in-${n}`, at));
    }
    const pages = await all(stack, BEGINNING);
    expect(pages.map((page) => page.length)).toEqual([200, 200, 100]);
    expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(500);
  });

  it('tells a message again when it stands otherwise, oldest change first', async () => {
    const stack = await startLocalStack();
    stack.addPeer('bob');
    const { cursor } = await news(stack);
    const first = { createdAt: Date.now() };
    stack.store.outbox.add(sampleOutbound('out-1', first));
    const added = await news(stack, cursor, 5);
    expect(added.changes).toMatchObject([{ direction: 'outbound', id: 'out-1', state: 'queued' }]);
    stack.store.inbox.accept(sampleInbound('in-1', { createdAt: Date.now() - 20 }));
    stack.happen('out-1', { kind: 'receipt', taskId: 'task-1' });
    const next = await news(stack, added.cursor, 5);
    const told = [...next.changes, ...(await news(stack, next.cursor, 1)).changes];
    expect(told.map(({ id, state }) => [id, state])).toEqual([
      ['in-1', 'accepted'],
      ['out-1', 'accepted'],
    ]);
  });

  it('tells nothing of before, and waits no longer than it was asked to', async () => {
    const stack = await startLocalStack();
    stack.addPeer('bob');
    stack.store.outbox.add(sampleOutbound('out-1'));
    const { changes, cursor } = await news(stack);
    expect(changes).toEqual([]);
    expect(await news(stack, cursor, 0.1)).toEqual({ changes: [], cursor });
  });
});

it.each([['x'], ['1.2'], ['1.2.-3'], ['1.2.3.4'], ['%20']])(
  'takes no cursor that is none: %s',
  async (since) => {
    const { port } = await startLocalStack();
    const { status, json } = await ask(port, `/api/v1/changes?since=${since}`);
    expect([status, json['code']]).toEqual([400, 'input-invalid']);
  },
);

it('is the owner’s alone', async () => {
  const { port } = await startLocalStack();
  expect((await ask(port, '/api/v1/changes', { token: AGENT })).status).toBe(403);
});
