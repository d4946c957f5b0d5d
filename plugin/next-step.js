/** @typedef {import('./types.d.ts').Message} Message */
/** @typedef {import('./types.d.ts').Step} Step */

/**
 * @param {import('./types.d.ts').Next} next
 * @param {string} text
 * @returns {Step}
 */
const step = (next, text) => ({ next, text });

/** The guard against loops: two agents who answer each other all night. */
const LOOPS = new Map([
  ['hop-limit', 'this chain of messages has crossed too many machines'],
  ['turns-per-hour', 'the two stacks had too many turns in this hour'],
  ['turns-per-day', 'the two stacks had too many turns today'],
  ['turns-per-conversation', 'this conversation had too many turns'],
  ['bytes-per-day', 'the two stacks sent each other too much today'],
]);

/**
 * @param {import('./types.d.ts').Hold} hold
 * @param {string} peer
 */
function heldStep({ place, what, reason }, peer) {
  const who = place === 'here' ? 'your human' : `the owner of "${peer}"`;
  const held = `The ${what} is held: ${who} has to look at it first`;
  if (reason === 'looks-secret')
    return step(
      'ask-human',
      `${held}, because it looks as if it had a secret in it (${reason}). It is not lost. Tell your human that it is held and why, without repeating the secret. Do not send it again, in no other form and under no other alias either, and go on with something else`,
    );
  const loop = LOOPS.get(reason);
  if (loop === undefined)
    return step(
      'ask-human',
      `${held}. It is not lost. Tell your human that it is held, do not send it again, and go on with something else`,
    );
  return step(
    'stop',
    `${held}, because ${loop} (${reason}). Stop: send nothing more to "${peer}", under no other alias either, and tell your human`,
  );
}

/** @param {Message} message */
function answeredStep({ peer, reply, erasedAt }) {
  if (erasedAt !== null) return step('done', `"${peer}" answered. What was said was erased since`);
  return step(
    'done',
    reply === null ? `The agent of "${peer}" read it and sent no reply` : `"${peer}" answered`,
  );
}

/** What was held may have been refused by either owner. @param {Message} message */
function refusedStep({ peer, reason }) {
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

/** By state; what is no state of ours is told as what it is. @type {Record<string, (message: Message) => Step>} */
const BY_STATE = {
  queued: ({ id, peer }) =>
    step(
      'wait',
      `Not with "${peer}" yet, whose machine may be off. ${WAITS}. Call peer_wait with id ${id} later, or go on without the reply`,
    ),
  accepted: ({ id, peer }) =>
    step('wait', `"${peer}" has it, and there is no reply yet. ${WAITS}. Call peer_wait with id ${id}`),
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

/** How a message stands, as a model has to take it. @param {Message} message @returns {Step} */
export function stepOf(message) {
  const { state, hold, peer } = message;
  if (hold !== null) return heldStep(hold, peer);
  const known = BY_STATE[state] ?? (state === 'held' ? BY_STATE['queued'] : BY_STATE['accepted']);
  return known === undefined ? step('wait', WAITS) : known(message);
}

const WRONG_ARGUMENTS = new Set([
  'alias-invalid',
  'input-invalid',
  'local-body-too-large',
  'message-invalid',
]);

const OWNERS = step('ask-human', 'Only your human can change that: tell them, and do not try other ways');
const AWAY = step(
  'ask-human',
  'Tell your human that agent-peer does not work now. Try once more later, and not in a loop',
);

/** @type {ReadonlyMap<string, Step>} */
const STEPS = new Map([
  [
    'peer-not-found',
    step('correct', 'peer_list shows which peers there are. Guess no names: ask your human when none fits'),
  ],
  ['message-not-found', step('correct', 'Use an id that peer_send gave you')],
  [
    'reply-session-missing',
    step('correct', 'Leave replyToSession out, and wait for the reply with peer_wait'),
  ],
  [
    'session-not-running',
    step('stop', 'This call comes from no turn that the gateway knows of. Nothing was sent: tell your human'),
  ],
  ['session-key-invalid', step('stop', 'This session has no name that lasts. Tell your human')],
  ['not-granted', OWNERS],
  ['peer-not-active', OWNERS],
  ['peer-token-missing', OWNERS],
  ['stack-paused', OWNERS],
  ['clock-behind', OWNERS],
  ['config-invalid', OWNERS],
  ['local-token-refused', OWNERS],
  ['gateway-not-approved', OWNERS],
]);

/** Errors of this plugin say by themselves what to do. */
const OWN = new Set(['api-unreachable', 'api-unanswered']);

/**
 * What to do about an error. What to do about an argument, the error itself says.
 * @param {string} code
 * @param {string} fix
 * @returns {Step}
 */
export function stepAfter(code, fix) {
  const known = STEPS.get(code);
  if (known !== undefined) return known;
  if (WRONG_ARGUMENTS.has(code)) return step('correct', `${fix}. Correct that and call it again`);
  return OWN.has(code) ? step('ask-human', fix) : AWAY;
}
