import { frameMessage } from '../core/framing.ts';
import type { Turn } from '../ports/gateway.ts';
import type { Random } from '../ports/machine.ts';
import type { InboxMessage } from '../ports/messages.ts';

const MARKER_LENGTH = 24;

/** Everything in it is ours but the quoted text. */
export function turnOf(message: InboxMessage, random: Random, deadlineMs: number): Turn {
  const { turnKey, sessionKey, peer, taskId, hop, text } = message;
  const framed = frameMessage({ peer, taskId, hop, text, marker: random.word(MARKER_LENGTH) });
  return { key: turnKey, sessionKey, text: framed, source: `agent-peer:${peer}`, deadlineMs };
}
