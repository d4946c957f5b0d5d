import type { SessionKey } from '../core/session-key.ts';
import type { NewReplyTurn, OutboxMessage } from '../ports/messages.ts';
import type { Database } from './database.ts';

/** Rows of the inbox that bring a reply into a session of this machine. */
export interface ReplyTurns {
  /** In a transaction of its caller's. */
  add(message: OutboxMessage, reply: string, sessionKey: SessionKey, turn: NewReplyTurn): void;
}

/** No message id of a peer's own can look like this, so no peer can take the place of a reply. */
const messageIdOf = ({ id }: OutboxMessage): string => `reply/${id}`;

export function createReplyTurns(db: Database): ReplyTurns {
  const insert = db.prepare(
    `INSERT INTO inbox (task_id, origin, peer, message_id, content_digest, alias, session_key, conversation, text, hop,
       created_at, updated_at, expires_at, state, turn_key)
     VALUES (:taskId, 'reply', :peer, :messageId, :contentDigest, :alias, :sessionKey, :conversation, :text, :hop, :now,
       :now, :expiresAt, 'accepted', :turnKey)`,
  );
  return {
    add: (message, text, sessionKey, { taskId, turnKey, expiresAt, contentDigest }) => {
      const { peer, alias, conversation, hop, updatedAt: now } = message;
      const about = { peer, messageId: messageIdOf(message), alias, conversation, hop: hop + 1 };
      insert.run({ taskId, turnKey, expiresAt, contentDigest, ...about, sessionKey, text, now });
    },
  };
}
