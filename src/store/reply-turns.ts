import { chainHop } from '../core/guard.ts';
import type { SessionKey } from '../core/session-key.ts';
import type { NewReplyTurn, OutboxMessage } from '../ports/messages.ts';
import type { Database } from './database.ts';

/** Rows of the inbox that bring a reply into a session of this machine. */
export interface ReplyTurns {
  /** In a transaction of its caller's. */
  add(message: OutboxMessage, sessionKey: SessionKey, turn: NewReplyTurn): void;
}

export function createReplyTurns(db: Database): ReplyTurns {
  const insert = db.prepare(
    `INSERT INTO inbox (task_id, origin, peer, message_id, content_digest, alias, session_key, conversation, text, hop,
       created_at, updated_at, expires_at, state, hold, hold_until, turn_key)
     VALUES (:taskId, 'reply', :peer, :messageId, :contentDigest, :alias, :sessionKey, :conversation, :text, :hop, :now,
       :now, :expiresAt, :state, :hold, :holdUntil, :turnKey)`,
  );
  return {
    add: (message, sessionKey, turn) => {
      const { peer, alias, conversation, updatedAt: now } = message;
      const hop = chainHop(message) + 1;
      const waits =
        turn.hold === null
          ? { state: 'accepted', holdUntil: null }
          : { state: 'held', holdUntil: turn.expiresAt };
      insert.run({ ...turn, ...waits, peer, alias, conversation, hop, sessionKey, now });
    },
  };
}
