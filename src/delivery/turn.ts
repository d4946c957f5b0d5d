import { frameMessage } from '../core/framing.ts';
import type { TurnOutcome, TurnTrace } from '../core/inbox.ts';
import type { Turn } from '../ports/gateway.ts';
import type { Random } from '../ports/machine.ts';
import type { InboxMessage } from '../ports/messages.ts';
import type { InboxChange } from './inbox-writer.ts';

const MARKER_LENGTH = 24;

/** Everything in it is ours but the quoted text. */
export function turnOf(message: InboxMessage, random: Random, deadlineMs: number): Turn {
  const { turnKey, sessionKey, peer, taskId, hop, text } = message;
  const framed = frameMessage({ peer, taskId, hop, text, marker: random.word(MARKER_LENGTH) });
  return { key: turnKey, sessionKey, text: framed, source: `agent-peer:${peer}`, deadlineMs };
}

/** What is kept of how a turn ended, or of what a look showed. */
export function toldBy(outcome: TurnOutcome | TurnTrace): Pick<InboxChange, 'reply' | 'detail'> {
  switch (outcome.kind) {
    case 'replied':
      return { reply: outcome.text, detail: null };
    case 'failed':
    case 'not-sent':
    case 'lost':
    case 'undecidable':
      return { detail: outcome.detail };
    case 'silent':
    case 'absent':
    case 'running':
      return { detail: null };
  }
}
