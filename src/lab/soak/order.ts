import type { WayEvidence } from './evidence.ts';
import { finding, type Finding } from './finding.ts';
import { turnOf } from './pairs.ts';

/** Within a conversation, which leads to one session, messages stand in the order in which they were handed in. */
export function orderFindings({ outbox, inbox, userRows }: WayEvidence): readonly Finding[] {
  const messageOf = new Map(inbox.map(({ turnKey, messageId }) => [turnKey, messageId]));
  const placeOf = new Map<string, number>();
  for (const [place, { key }] of userRows.entries()) {
    const id = key === null ? undefined : messageOf.get(turnOf(key));
    if (id !== undefined && !placeOf.has(id)) placeOf.set(id, place);
  }
  const last = new Map<string, number>();
  return outbox.flatMap((sent) => {
    const place = placeOf.get(sent.id);
    if (place === undefined) return [];
    const before = last.get(sent.conversation) ?? -1;
    last.set(sent.conversation, Math.max(before, place));
    return place < before
      ? [finding('out-of-order', sent, `stands before an earlier one of its conversation`)]
      : [];
  });
}
