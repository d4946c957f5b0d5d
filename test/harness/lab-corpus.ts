import { expectedBy, type Attack, type Caller } from '../attacks/attack.ts';
import { call, request } from '../attacks/bytes.ts';
import { ALL_ATTACKS } from '../attacks/corpus.ts';
import { problemOf, readAnswers } from '../attacks/outcome.ts';
import type { LabDoor, SenderName } from './lab-door.ts';
import type { RawReply } from './raw-sender.ts';

/** A message that an answer said was taken. */
export interface Taken {
  readonly taskId: string;
  readonly text: string;
}

/** Of the messages that the corpus brings in, so many have their turn: a turn of a real gateway takes its time. */
export const TURNS = 12;

const SENDERS: Readonly<Record<Caller, SenderName>> = {
  paired: 'b',
  withoutToken: 'b',
  wrongNode: 'stranger',
};

const textsOf = ({ expect }: Attack) =>
  expect.flatMap((answer) => (answer.kind === 'accepted' ? [answer.text] : []));

const HARMLESS = ALL_ATTACKS.filter((attack) => textsOf(attack).length > 0);
/** Spread over the corpus. */
const FIRST = HARMLESS.filter((_, i) => i % Math.ceil(HARMLESS.length / TURNS) === 0);
const IN_ORDER = [...FIRST, ...ALL_ATTACKS.filter((attack) => !FIRST.includes(attack))];
const FIRST_TEXTS = new Set(FIRST.flatMap(textsOf));

export function problemWith(
  { secrets }: LabDoor,
  reply: RawReply | undefined,
  answers: Attack['expect'],
): string | null {
  return reply instanceof Buffer ? problemOf(reply, answers, secrets) : String(reply);
}

/** On a real network the reset of a connection can overtake its answer, when the sender goes on after it was refused. */
function isOvertaken({ pace }: Attack, reply: RawReply | undefined): boolean {
  return pace?.slice !== undefined && reply instanceof Buffer && reply.length === 0;
}

/** The messages that the answers to one attack say were taken. */
function takenBy(attack: Attack, reply: RawReply | undefined): readonly Taken[] {
  const answers = reply instanceof Buffer ? readAnswers(reply) : [];
  return attack.expect.flatMap((answer, i) => {
    if (answer.kind !== 'accepted' && answer.kind !== 'held') return [];
    const { result } = JSON.parse(answers[i]?.body ?? '{}') as {
      result?: { task?: { id: string }; details?: { runId: string } };
    };
    const taskId = result?.task?.id ?? result?.details?.runId;
    return taskId === undefined ? [] : [{ taskId, text: answer.text }];
  });
}

export interface Sent {
  readonly problems: readonly string[];
  readonly taken: readonly Taken[];
}

/** Sends the whole corpus: those first that are to have their turn, so that the others can be taken back. */
export async function sendCorpus(door: LabDoor, caller: Caller): Promise<Sent> {
  const aim = door.aim(caller === 'withoutToken' ? null : door.tokens.b);
  const requests = IN_ORDER.map(({ id, bytes, pace }) => ({ id, bytes: bytes(aim), pace }));
  const replies = await door.send(SENDERS[caller], requests);
  const problems = IN_ORDER.flatMap((attack) => {
    const reply = replies.get(attack.id);
    const problem = problemWith(door, reply, expectedBy(attack, caller));
    return problem === null || isOvertaken(attack, reply) ? [] : [`${caller} ${attack.id}: ${problem}`];
  });
  return { problems, taken: HARMLESS.flatMap((attack) => takenBy(attack, replies.get(attack.id))) };
}

/** Takes back, as the peer may, all but the first. @returns those that were not: their turn had begun. */
export async function cancelTheRest(
  { aim, send, tokens }: LabDoor,
  taken: readonly Taken[],
): Promise<readonly Taken[]> {
  const cancel = (id: string) => request({ body: call('CancelTask', { id }) })(aim(tokens.b));
  const rest = taken.filter(({ text }) => !FIRST_TEXTS.has(text));
  const replies = await send(
    'b',
    rest.map(({ taskId }) => ({ id: taskId, bytes: cancel(taskId) })),
  );
  const isCancelled = ({ taskId }: Taken) => String(replies.get(taskId)).includes('TASK_STATE_CANCELED');
  return taken.filter((one) => !isCancelled(one));
}
