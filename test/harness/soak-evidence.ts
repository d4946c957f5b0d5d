import type { Evidence, StruckFault, WayEvidence } from '../../src/lab/soak/evidence.ts';

/** One message from a to b as both sides have it; a test spoils what it is about. */
interface Story {
  readonly id: string;
  readonly text: string;
  readonly taskId: string;
  readonly turnKey: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

const SESSION = 'agent:main:peer-a-soak-1';

function storyOf(index: number): Story {
  const id = `m${index}`;
  return {
    id,
    text: `text of ${id}`,
    taskId: `t${index}`,
    turnKey: `k${index}`,
    startedAt: 1_000 * index,
    endedAt: 1_000 * index + 500,
  };
}

export const replyOf = (stack: string, text: string): string => `${stack} read ${text}`;

function wayOf(stories: readonly Story[]): WayEvidence {
  return {
    from: 'a',
    to: 'b',
    submitted: stories.map(({ id, text }) => ({ kind: 'stored', id, text })),
    outbox: stories.map(({ id, text, startedAt, endedAt }) => ({
      ...{
        id,
        text,
        conversation: 'c',
        state: 'answered',
        reply: replyOf('b', text),
        attempts: 1,
        detail: null,
      },
      ...{ createdAt: startedAt - 100, updatedAt: endedAt + 100 },
    })),
    inbox: stories.map(({ id, taskId, text, turnKey, endedAt }) => ({
      ...{ messageId: id, taskId, text, turnKey, state: 'replied', detail: null, updatedAt: endedAt },
    })),
    userRows: stories.map(({ turnKey: key }) => ({ sessionKey: SESSION, key, resumes: false })),
    turnStarts: stories.map(({ taskId, startedAt }) => ({ taskId, at: startedAt })),
    asked: stories.map(({ text }) => text),
  };
}

/** Three messages from a to b, all well; m1 ran from 1000 to 1500, m2 from 2000 to 2500, m3 from 3000 to 3500. */
export function goodWay(): WayEvidence {
  return wayOf([1, 2, 3].map(storyOf));
}

export function evidenceOf(way: WayEvidence, faults: readonly StruckFault[] = []): Evidence {
  return { ways: [way], faults };
}

/** The rows with the changed one in its place. */
export function withChanged<T>(rows: readonly T[], index: number, change: Partial<T>): readonly T[] {
  return rows.map((row, at) => (at === index ? { ...row, ...change } : row));
}

export const fault = (change: Partial<StruckFault>): StruckFault => ({
  kind: 'gateway',
  stacks: ['b'],
  from: 2_100,
  until: 2_200,
  over: 4_000,
  ...change,
});
