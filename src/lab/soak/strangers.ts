import type { Submitted, WayEvidence } from './evidence.ts';
import { short, type Finding } from './finding.ts';
import { turnOf } from './pairs.ts';

function stored(one: Submitted, sent: ReadonlyMap<string, string>): readonly Finding[] {
  if (one.kind === 'refused') return [{ kind: 'not-stored', detail: `"${short(one.text)}": ${one.detail}` }];
  if (one.kind === 'unknown' || sent.get(one.id) === one.text) return [];
  return [{ kind: 'not-stored', detail: `"${short(one.text)}" was taken as ${one.id} and is not there` }];
}

/** What was handed in and is not there, and what is there that nobody handed in or sent. */
export function strangers({ from, to, submitted, outbox, inbox, userRows }: WayEvidence): readonly Finding[] {
  const sent = new Map(outbox.map((row) => [row.id, row.text]));
  const handedIn = new Map(submitted.map(({ text }) => [text, 0]));
  for (const { text } of outbox) handedIn.set(text, (handedIn.get(text) ?? 1) + 1);
  const turns = new Set(inbox.map(({ turnKey }) => turnKey));
  const stray = (what: string): Finding => ({ kind: 'stray', detail: `${from} to ${to}: ${what}` });
  return [
    ...submitted.flatMap((one) => stored(one, sent)),
    ...[...handedIn]
      .filter(([, times]) => times > 1)
      .map(([text]) => stray(`"${short(text)}" stands in the outbox though it was not handed in that often`)),
    ...inbox
      .filter(({ messageId }) => !sent.has(messageId))
      .map(({ messageId }) => stray(`nobody sent ${messageId}`)),
    ...userRows
      .filter(({ key, resumes }) => !resumes && (key === null || !turns.has(turnOf(key))))
      .map(({ key, sessionKey }) =>
        stray(`no message began a row of ${sessionKey} (${key ?? 'without a key'})`),
      ),
  ];
}
