/**
 * Counts messages at both ends, by id and by content: what was given to one stack, what its outbox has, what the other
 * stack's inbox has, what the session there saw, and what came back.
 */

export interface OutboxRow {
  readonly id: string;
  readonly text: string;
  readonly state: string;
  readonly reply: string | null;
  readonly detail: string | null;
}

export interface InboxRow {
  readonly messageId: string;
  readonly text: string;
  readonly state: string;
}

export interface BothEnds {
  /** What was given to the sending stack, each text once. */
  readonly texts: readonly string[];
  readonly outbox: readonly OutboxRow[];
  readonly inbox: readonly InboxRow[];
  /** How many user rows with a key of ours and the text of this message the session there has. */
  readonly delivered: (row: InboxRow) => number;
  /** Whether the receiving agent's model may have been out of reach, which ends a turn as failed. */
  readonly mayFail: boolean;
  /** Whether this is what the receiving agent said to this text. */
  readonly isReplyTo: (text: string, reply: string | null) => boolean;
}

export interface MessageCount {
  readonly messages: number;
  /** In the words of the state machines; only final states are no problem. */
  readonly answered: number;
  readonly uncertain: number;
  readonly failed: number;
  /** What went wrong, a line each: lost, delivered twice, not over, answered with something else. */
  readonly problems: readonly string[];
}

const isOver = (state: string, { mayFail }: BothEnds): boolean =>
  state === 'answered' || state === 'uncertain' || (mayFail && state === 'failed');

function problemsAtInbox(
  rows: readonly InboxRow[],
  text: string,
  { delivered }: BothEnds,
): readonly string[] {
  const [row, ...more] = rows;
  if (row === undefined) return ['never came into the other inbox'];
  if (more.length > 0) return [`is ${rows.length} times in the other inbox`];
  if (row.text !== text) return ['has another text in the other inbox'];
  const times = delivered(row);
  if (times > 1) return [`was delivered ${times} times`];
  return times === 0 && row.state !== 'uncertain' ? [`is ${row.state} there and was never delivered`] : [];
}

function problemsOf(text: string, ends: BothEnds): readonly string[] {
  const [sent, ...more] = ends.outbox.filter((row) => row.text === text);
  if (sent === undefined) return ['is not in the outbox any more'];
  if (more.length > 0) return [`is ${more.length + 1} times in the outbox`];
  const { id, state, reply, detail } = sent;
  const there = problemsAtInbox(
    ends.inbox.filter(({ messageId }) => messageId === id),
    text,
    ends,
  );
  if (!isOver(state, ends)) return [...there, `is ${state} in the outbox (${detail ?? 'no detail'})`];
  const wrong = state === 'answered' && !ends.isReplyTo(text, reply);
  return wrong ? [...there, `was answered with ${JSON.stringify(reply)}`] : there;
}

export function countMessages(ends: BothEnds): MessageCount {
  const { texts, outbox } = ends;
  const given = new Set(texts);
  const inState = (state: string) =>
    outbox.filter((row) => given.has(row.text) && row.state === state).length;
  return {
    messages: texts.length,
    answered: inState('answered'),
    uncertain: inState('uncertain'),
    failed: inState('failed'),
    problems: texts.flatMap((text) =>
      problemsOf(text, ends).map((problem) => `"${text.slice(0, 60)}" ${problem}`),
    ),
  };
}
