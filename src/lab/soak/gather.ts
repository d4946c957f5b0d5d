import { logsOf } from '../containers.ts';
import { readData } from '../data-read.ts';
import type { Lab, PairedName } from '../lab.ts';
import { wordsIn } from '../scripted-model.ts';
import type { ReceivedRow, SentRow, Submitted, TurnStart, UserRow, WayEvidence } from './evidence.ts';
import { SOAK_ALIASES } from './plan.ts';
import { soakSession } from './sessions.ts';
import { userRowsOf } from './user-rows.ts';

const ALIASES = SOAK_ALIASES.map((alias) => `'${alias}'`).join(', ');
const OUTBOX = `SELECT id, conversation, text, state, reply, attempts, detail, created_at AS createdAt, updated_at AS updatedAt
  FROM outbox WHERE alias IN (${ALIASES}) ORDER BY seq`;
const INBOX = `SELECT message_id AS messageId, task_id AS taskId, text, state, turn_key AS turnKey, detail,
  updated_at AS updatedAt FROM inbox WHERE alias IN (${ALIASES}) ORDER BY seq`;
const ALL_LINES = 1_000_000;

function turnStartsIn(log: string): readonly TurnStart[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes('"turn-started"')) return [];
    const { task, time } = JSON.parse(line) as { readonly task: string; readonly time: string };
    return [{ taskId: task, at: Date.parse(time) }];
  });
}

async function rowsOf(lab: Lab, to: PairedName): Promise<readonly UserRow[]> {
  const { docker, stacks } = lab;
  const sessions = SOAK_ALIASES.map((alias) => soakSession(to === 'a' ? 'b' : 'a', alias));
  const rows = await Promise.all(sessions.map((session) => userRowsOf(docker, stacks[to], session)));
  return rows.flat();
}

/** Reads what is on both sides of one way, when all is over. */
export async function gatherWay(
  lab: Lab,
  from: PairedName,
  to: PairedName,
  submitted: readonly Submitted[],
): Promise<WayEvidence> {
  const { docker, stacks, model } = lab;
  const calls = await model.calls(to);
  return {
    from,
    to,
    submitted,
    outbox: (await readData(docker, stacks[from], OUTBOX)) as readonly SentRow[],
    inbox: (await readData(docker, stacks[to], INBOX)) as readonly ReceivedRow[],
    userRows: await rowsOf(lab, to),
    turnStarts: turnStartsIn(await logsOf(docker, stacks[to].container('proxy'), ALL_LINES)),
    asked: calls.map(({ asked }) => wordsIn(asked)),
  };
}
