import type { MakeReplyTurn } from '../../src/delivery/reply-turn.ts';

/** Where no message of the test has its reply put into a session. */
export const NO_REPLY_TURNS: MakeReplyTurn = ({ id }) => {
  throw new Error(`nothing asked for the reply to ${id} in a session`);
};
