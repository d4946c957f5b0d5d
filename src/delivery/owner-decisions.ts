import type { AuditEntry, AuditLog } from '../ports/audit.ts';
import type { HeldItem } from '../ports/holds.ts';
import type { Digests } from '../ports/machine.ts';

/** `hold-released`: the chain of a message that the peer holds begins anew. */
export type OwnerDecision = 'hold-approved' | 'hold-released' | 'hold-refused';

/** The operation that the person stood in the way of. A reply is another text than its message, and read, not sent. */
function operationOf({ what, direction }: HeldItem): AuditEntry['operation'] {
  if (what === 'reply') return 'task-read';
  return direction === 'outbound' ? 'message-submit' : 'message-send';
}

/** A decision stands in the log as what was decided about, with the digest of the text that the owner was shown. */
export function recordDecision(
  { audit, digests }: { readonly audit: AuditLog; readonly digests: Pick<Digests, 'text'> },
  item: HeldItem,
  messageId: string,
  decision: OwnerDecision,
): void {
  audit.record({
    direction: item.direction,
    surface: 'local',
    operation: operationOf(item),
    allowed: decision !== 'hold-refused',
    reason: decision,
    peer: item.peer,
    nodeId: null,
    alias: item.alias,
    messageId,
    textDigest: digests.text(item.reply ?? item.text),
  });
}
