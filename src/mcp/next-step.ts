import { isOwnersReason, type GuardReason, type OwnersReason, type Waiting } from '../core/hold.ts';
import type { OutboxState } from '../core/outbox.ts';
import type { AgentPeerError, ErrorCode } from '../errors.ts';
import type { AgentMessage } from '../ports/agent-api.ts';

/** What a model is to do after a call. */
export const NEXT = ['done', 'wait', 'correct', 'ask-human', 'stop'] as const;
export type Next = (typeof NEXT)[number];

export interface Step {
  readonly next: Next;
  /** What happened, and what to do now. */
  readonly text: string;
}

const step = (next: Next, text: string): Step => ({ next, text });

/** The guard against loops: two agents who answer each other all night. */
const LOOPS: Readonly<Record<GuardReason, string>> = {
  'hop-limit': 'this chain of messages has crossed too many machines',
  'turns-per-hour': 'the two stacks had too many turns in this hour',
  'turns-per-day': 'the two stacks had too many turns today',
  'turns-per-conversation': 'this conversation had too many turns',
  'bytes-per-day': 'the two stacks sent each other too much today',
};

const FOR_OWNER: Readonly<Record<OwnersReason, string>> = {
  grant:
    'It is not lost. Tell your human that it is held, do not send it again, and go on with something else',
  'looks-secret':
    'It is not lost. Tell your human that it is held and why, without repeating the secret. Do not send it again, in no other form and under no other alias either, and go on with something else',
};

function heldStep({ place, what, reason }: Waiting, { peer }: AgentMessage): Step {
  const who = place === 'here' ? 'your human' : `the owner of "${peer}"`;
  const held = `The ${what} is held: ${who} has to look at it first`;
  if (isOwnersReason(reason)) {
    const because = reason === 'grant' ? '' : `, because it looks as if it had a secret in it (${reason})`;
    return step('ask-human', `${held}${because}. ${FOR_OWNER[reason]}`);
  }
  return step(
    'stop',
    `${held}, because ${LOOPS[reason]} (${reason}). Stop: send nothing more to "${peer}", under no other alias either, and tell your human`,
  );
}

function answeredStep({ peer, reply, erasedAt }: AgentMessage): Step {
  if (erasedAt !== null) return step('done', `"${peer}" answered. What was said was erased since`);
  return step(
    'done',
    reply === null ? `The agent of "${peer}" read it and sent no reply` : `"${peer}" answered`,
  );
}

/** What was held may have been refused by either owner. */
function refusedStep({ peer, reason }: AgentMessage): Step {
  if (reason === 'hold-refused')
    return step(
      'stop',
      `A person who looked at it, here or at "${peer}", refused it (${reason}). Do not send it again: tell your human`,
    );
  const because = reason === null ? '' : ` (${reason})`;
  return step(
    'stop',
    `"${peer}" refused it${because}. The same again would be refused, too: tell your human`,
  );
}

const WAITS = 'It is kept and goes on by itself: do not send it again';

const notThere = ({ id, peer }: AgentMessage): Step =>
  step(
    'wait',
    `Not with "${peer}" yet, whose machine may be off. ${WAITS}. Call peer_wait with id ${id} later, or go on without the reply`,
  );
const noReply = ({ id, peer }: AgentMessage): Step =>
  step('wait', `"${peer}" has it, and there is no reply yet. ${WAITS}. Call peer_wait with id ${id}`);

const BY_STATE: Readonly<Record<OutboxState, (message: AgentMessage) => Step>> = {
  held: notThere,
  queued: notThere,
  accepted: noReply,
  'reply-held': noReply,
  answered: answeredStep,
  refused: refusedStep,
  failed: ({ peer }) => step('stop', `"${peer}" took it, and its agent failed with it. Tell your human`),
  expired: () =>
    step('ask-human', 'Its time was over before it was answered. Ask your human whether to send it again'),
  uncertain: ({ peer }) =>
    step(
      'ask-human',
      `Nobody can tell whether the agent of "${peer}" has read it. Ask your human before you send it again`,
    ),
  cancelled: () => step('stop', 'Your human took it back. Do not send it again'),
};

/** How a message stands, as a model has to take it. */
export function stepOf(message: AgentMessage): Step {
  const { state, hold } = message;
  return hold === null ? BY_STATE[state](message) : heldStep(hold, message);
}

const WRONG_ARGUMENTS = new Set<ErrorCode>([
  'input-invalid',
  'message-invalid',
  'alias-invalid',
  'local-body-too-large',
]);

const OWNERS = step('ask-human', 'Only your human can change that: tell them, and do not try other ways');
const AWAY = step(
  'ask-human',
  'Tell your human that agent-peer does not work now. Try once more later, and not in a loop',
);

const STEPS: Readonly<Partial<Record<ErrorCode, Step>>> = {
  'peer-not-found': step(
    'correct',
    'peer_list shows which peers there are. Guess no names: ask your human when none fits',
  ),
  'message-not-found': step('correct', 'Use an id that peer_send gave you'),
  'reply-session-missing': step('correct', 'Leave replyToSession out, and wait for the reply with peer_wait'),
  'local-api-unanswered': step(
    'ask-human',
    'The message may have been taken: do not send it again. Ask your human to look with agent-peer messages',
  ),
  'not-granted': OWNERS,
  'peer-not-active': OWNERS,
  'peer-token-missing': OWNERS,
  'stack-paused': OWNERS,
  'clock-behind': OWNERS,
  'local-token-refused': OWNERS,
};

/** What to do about an error. What to do about an argument, the error itself says. */
export function stepAfter({ code, fix }: AgentPeerError): Step {
  if (WRONG_ARGUMENTS.has(code)) return step('correct', `${fix}. Correct that and call it again`);
  return STEPS[code] ?? AWAY;
}
