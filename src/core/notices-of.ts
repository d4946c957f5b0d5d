import { isOwnersReason } from './hold.ts';
import type { CredentialFacts, Ended, NoticeFacts, HeldCount } from './notice-facts.ts';
import { NOTICE_LIMITS, type NewNotice } from './notice.ts';
import type { PeerName } from './peer.ts';

const messages = (count: number) => (count === 1 ? '1 message' : `${count} messages`);
const messagesWait = (count: number) => `${messages(count)} ${count === 1 ? 'waits' : 'wait'}`;
/** To the minute: seconds are nothing to a person who reads it hours later. */
const minute = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function byPeer<T extends { readonly peer: PeerName }>(
  all: readonly T[],
): readonly (readonly [PeerName, readonly T[]])[] {
  return [...Map.groupBy(all, ({ peer }) => peer)];
}

const countOf = (counted: readonly { readonly count: number }[]) =>
  counted.reduce((sum, { count }) => sum + count, 0);
const reasonsOf = (waiting: readonly HeldCount[]) =>
  [...new Set(waiting.map(({ reason }) => reason))].join(', ');

/** Of those that wait, how many do so for that alone. */
function secretWords(waiting: readonly HeldCount[]): string {
  const count = countOf(waiting.filter(({ reason }) => reason === 'looks-secret'));
  return count === 0 ? '' : ` (what looks like a secret: ${count})`;
}

const GUARD = 'the loop guard has stopped the agents';
const WAITING = {
  hold: {
    isOf: ({ place, reason }: HeldCount) => place === 'here' && isOwnersReason(reason),
    text: (of: readonly HeldCount[]) =>
      `${messagesWait(countOf(of))} for you to look at${secretWords(of)}. Run: agent-peer held list`,
  },
  'budget-spent': {
    isOf: ({ place, reason }: HeldCount) => place === 'here' && !isOwnersReason(reason),
    text: (of: readonly HeldCount[]) =>
      `${GUARD} (${reasonsOf(of)}), and ${messagesWait(countOf(of))} for you. Run: agent-peer held list`,
  },
  'budget-spent-at-peer': {
    isOf: ({ place, reason }: HeldCount) => place === 'peer' && !isOwnersReason(reason),
    text: (of: readonly HeldCount[]) =>
      `${GUARD} there (${reasonsOf(of)}), and ${messagesWait(countOf(of))} for its owner. Run: agent-peer messages`,
  },
} as const;

const ENDED = {
  expired: (of: readonly Ended[]) =>
    `${messages(countOf(of))} ended because the time was over. Run: agent-peer messages`,
  uncertain: (of: readonly Ended[]) =>
    `nobody can tell whether ${messages(countOf(of))} came to be read. Look there before it is sent again. Run: agent-peer messages`,
} as const;

function ofPeer(kind: NewNotice['kind'], peer: PeerName, text: string): NewNotice {
  return { kind, subject: peer, peer, text: `${peer}: ${text}` };
}

function waitingFor({ waiting }: NoticeFacts): readonly NewNotice[] {
  return (['hold', 'budget-spent', 'budget-spent-at-peer'] as const).flatMap((kind) => {
    const { isOf, text } = WAITING[kind];
    return byPeer(waiting.filter(isOf)).map(([peer, of]) => ofPeer(kind, peer, text(of)));
  });
}

function endedLately({ ended }: NoticeFacts): readonly NewNotice[] {
  return (['expired', 'uncertain'] as const).flatMap((state) =>
    byPeer(ended.filter((one) => one.state === state)).map(([peer, of]) =>
      ofPeer(state, peer, ENDED[state](of)),
    ),
  );
}

function peersAway({ unsent, online }: NoticeFacts, now: number): readonly NewNotice[] {
  const late = unsent.filter(({ since }) => now - since >= NOTICE_LIMITS.peerAwayMs);
  return late.map(({ peer, count, since }) => {
    const how = online.has(peer) ? 'its node is there, but takes no messages' : 'it is away';
    const what = `${messagesWait(count)}, the first since ${minute(since)}`;
    return ofPeer('peer-away', peer, `${how}; ${what}. Run: agent-peer status`);
  });
}

interface Ending extends Pick<NewNotice, 'subject' | 'peer'> {
  readonly expiresAt: number | null;
  readonly text: (end: string) => string;
}

/** Those of peers that may do nothing anyway are no loss. */
function credentials({ peers, grants, nodeKeyExpiresAt }: CredentialFacts): readonly Ending[] {
  const active = new Map(peers.filter(({ state }) => state === 'active').map((peer) => [peer.name, peer]));
  const ofPeers = [...active.values()].map(({ name: peer, expiresAt }) => {
    const text = (end: string) => `${peer}: the pairing ends at ${end}. Run: agent-peer peers show ${peer}`;
    return { subject: `peer ${peer}`, peer, expiresAt, text };
  });
  const ofGrants = grants
    .filter(({ peer }) => active.has(peer))
    .map(({ direction, peer, alias, expiresAt }) => {
      const text = (end: string) =>
        `${peer}: the ${direction} grant of ${alias} ends at ${end}. Run: agent-peer grants list ${peer}`;
      return { subject: `grant ${direction} ${peer} ${alias}`, peer, expiresAt, text };
    });
  const text = (end: string) =>
    `The tailnet key of this node ends at ${end}, and then no peer reaches it. Renew it, or disable its expiry, in the tailnet's admin console`;
  return [...ofPeers, ...ofGrants, { subject: 'node', peer: null, expiresAt: nodeKeyExpiresAt, text }];
}

function endingSoon(facts: CredentialFacts, now: number): readonly NewNotice[] {
  return credentials(facts).flatMap(({ expiresAt, text, ...about }) => {
    if (expiresAt === null || expiresAt <= now || expiresAt - now > NOTICE_LIMITS.endingMs) return [];
    return [{ kind: 'credential-ending', ...about, text: text(minute(expiresAt)) }];
  });
}

function gatewayAway({ gatewayAwaySince: since }: NoticeFacts, now: number): readonly NewNotice[] {
  if (since === null || now - since < NOTICE_LIMITS.gatewayAwayMs) return [];
  const text = `The gateway is away since ${minute(since)}; what peers send is kept. Run: agent-peer status`;
  return [{ kind: 'gateway-away', subject: 'gateway', peer: null, text }];
}

/** All that needs a person now. What is not in it any more is over. */
export function noticesOf(facts: NoticeFacts, now: number): readonly NewNotice[] {
  return [
    ...waitingFor(facts),
    ...endedLately(facts),
    ...peersAway(facts, now),
    ...endingSoon(facts, now),
    ...gatewayAway(facts, now),
  ];
}
