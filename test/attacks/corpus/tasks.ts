import { PARAMS_INVALID, TASK_UNKNOWN } from '../answers.ts';
import type { Aim, Attack, Expectation } from '../attack.ts';
import { call, given, request, type Of } from '../bytes.ts';
import { changed } from './messages.ts';

function task(
  name: string,
  why: string,
  method: string,
  params: Of<object>,
  expect: Expectation = TASK_UNKNOWN,
): Attack {
  return {
    id: `task-${name}`,
    why,
    bytes: request({ body: (aim) => call(method, given(params, aim)) }),
    expect: [expect],
  };
}

const NOBODYS = '00000000-0000-4000-8000-000000000000';
const ofOther = ({ other }: Aim) => ({ id: other.taskId });

const METHODS = [
  ['get', 'GetTask', 'The reply that another peer got.'],
  ['get-old', 'tasks/get', 'The same under the older name.'],
  ['cancel', 'CancelTask', 'The end of another peer’s message.'],
  ['cancel-old', 'tasks/cancel', 'The same under the older name.'],
] as const;

const others: readonly Attack[] = METHODS.flatMap(([name, method, why]) => [
  task(`${name}-of-other`, why, method, ofOther),
  task(`${name}-of-nobody`, 'An answer that differs would tell which tasks there are.', method, {
    id: NOBODYS,
  }),
  task(
    `${name}-of-other-upper`,
    'The id in upper case, for a search that ignores it.',
    method,
    ({ other }: Aim) => ({ id: other.taskId.toUpperCase() }),
  ),
  task(`${name}-message-id`, 'The sender’s id in place of the task’s.', method, ({ other }: Aim) => ({
    id: other.messageId,
  })),
  task(`${name}-wildcard`, 'A wildcard of the database.', method, { id: '%' }),
  task(`${name}-sql`, 'A quotation mark for the database.', method, { id: "' OR '1'='1" }),
  task(`${name}-path`, 'An id that is used as a file name.', method, { id: '../../data/agent-peer.db' }),
  task(`${name}-proto`, 'A member of every object.', method, { id: '__proto__' }),
  task(`${name}-nul`, 'A NUL ends the id for C.', method, ({ other }: Aim) => ({ id: `${other.taskId}\0` })),
  task(`${name}-empty`, 'An empty id is everybody’s.', method, { id: '' }, PARAMS_INVALID),
  task(`${name}-missing`, 'No id: the first one, or all of them.', method, {}, PARAMS_INVALID),
  task(`${name}-null`, 'Null is equal to what is not set.', method, { id: null }, PARAMS_INVALID),
  task(`${name}-list`, 'Two at once.', method, ({ other }: Aim) => ({ id: [other.taskId] }), PARAMS_INVALID),
  task(`${name}-object`, 'An operator in place of the id.', method, { id: { $ne: null } }, PARAMS_INVALID),
  task(`${name}-number`, 'The number of a row.', method, { id: 1 }, PARAMS_INVALID),
  task(`${name}-long`, 'An id longer than any.', method, { id: 'a'.repeat(129) }, PARAMS_INVALID),
  task(
    `${name}-tenant`,
    'Another tenant is another peer’s.',
    method,
    (aim: Aim) => ({ ...ofOther(aim), tenant: 'carol' }),
    PARAMS_INVALID,
  ),
  task(
    `${name}-peer`,
    'Another peer, named.',
    method,
    (aim: Aim) => ({ ...ofOther(aim), peer: 'carol' }),
    PARAMS_INVALID,
  ),
  task(
    `${name}-name`,
    'The id by its name in the other transport.',
    method,
    ({ other }: Aim) => ({ name: `tasks/${other.taskId}` }),
    PARAMS_INVALID,
  ),
  task(
    `${name}-by-position`,
    'Parameters by position.',
    method,
    ({ other }: Aim) => [other.taskId],
    PARAMS_INVALID,
  ),
]);

const histories: readonly Attack[] = [-1, 0.5, '10', null].map((historyLength, i) =>
  task(
    `get-history-${i}`,
    'A length of the history that is none.',
    'GetTask',
    { id: NOBODYS, historyLength },
    PARAMS_INVALID,
  ),
);

const continued: readonly Attack[] = [
  changed(
    'task-continue-other',
    'A second message into another peer’s task.',
    ({ other }: Aim) => ({ taskId: other.taskId }),
    TASK_UNKNOWN,
  ),
  changed('task-continue-nobody', 'A task of one’s own naming.', { taskId: NOBODYS }, TASK_UNKNOWN),
  changed('task-continue-path', 'A task that is used as a file name.', { taskId: '../x' }),
  changed('task-continue-null', 'None, said aloud.', { taskId: null }),
  changed('task-continue-empty', 'An empty one.', { taskId: '' }),
  changed(
    'task-reference-other',
    'A reference shows whether there is such a task, or brings in its text.',
    ({ other }: Aim) => ({ referenceTaskIds: [other.taskId] }),
    TASK_UNKNOWN,
  ),
  changed(
    'task-reference-nobody',
    'And this one must look the same.',
    { referenceTaskIds: [NOBODYS] },
    TASK_UNKNOWN,
  ),
  changed('task-reference-many', 'A search for each of them.', {
    referenceTaskIds: Array<string>(17).fill(NOBODYS),
  }),
  changed('task-reference-path', 'A reference that is used as a file name.', { referenceTaskIds: ['../x'] }),
  changed('task-reference-text', 'A text in place of the list.', { referenceTaskIds: NOBODYS }),
];

export const TASK_ATTACKS: readonly Attack[] = [...others, ...histories, ...continued];
