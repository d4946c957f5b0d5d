import { frameMessage, frameReply } from '../core/framing.ts';
import type { Turn } from '../ports/gateway.ts';
import type { Random } from '../ports/machine.ts';
import type { InboxMessage } from '../ports/messages.ts';

const MARKER_LENGTH = 24;

export interface TurnTimes {
  readonly now: number;
  readonly deadlineMs: number;
}

/** Everything in it is ours but the quoted text. */
export function turnOf(message: InboxMessage, random: Random, { now, deadlineMs }: TurnTimes): Turn {
  const { origin, turnKey, sessionKey, peer, createdAt } = message;
  const marker = random.word(MARKER_LENGTH);
  const text =
    origin === 'reply'
      ? frameReply({ ...message, marker })
      : frameMessage({ ...message, waitedMs: Math.max(0, now - createdAt), marker });
  return { key: turnKey, sessionKey, text, source: `agent-peer:${peer}`, deadlineMs };
}
