import type {
  EitherGrantView,
  ListedPeerView,
  PeerDetailView,
  PeerView,
} from '../local-server/peer-views.ts';

/** What has to happen before the peer may do anything; empty when nothing has to. */
export function todoOf({ name, state, pairing }: Pick<ListedPeerView, 'name' | 'state' | 'pairing'>): string {
  if (state === 'paused') return `until you say: agent-peer peers confirm ${name}`;
  if (state !== 'provisional' || pairing === null) return '';
  if (!pairing.ownConfirmed) return `waits for you: agent-peer peers confirm ${name}`;
  if (pairing.offered !== null && !pairing.otherConfirmed) return 'waits for its owner';
  return 'waits until it can be reached';
}

/** Empty for one without an end. */
export function endOf({ expiresAt }: Pick<PeerView, 'expiresAt'>): string {
  if (expiresAt === null) return '';
  return Date.parse(expiresAt) <= Date.now() ? `expired ${expiresAt}` : `until ${expiresAt}`;
}

export function repliesWords({ replyMode, port }: Pick<PeerView, 'replyMode' | 'port'>): string {
  if (replyMode === 'task') return 'it asks for them (task)';
  return `sent back to its A2A channel at port ${port} (send-back)`;
}

/** On one line, whatever the words are: a line of another's making must not pass for one of these. */
export const row = (name: string, words: string): string =>
  `  ${name.padEnd(8)}  ${words.replaceAll(/\s+/g, ' ')}`;

function loginWords({ peer, node }: PeerDetailView): string {
  if (node === null || node.login === peer.login) return peer.login;
  return `${node.login}; it was ${peer.login} when it was added`;
}

/** By what a person can tell whose stack it is: the tailnet's words, none of its own. */
function nodeLines(detail: PeerDetailView): readonly string[] {
  const { peer, node } = detail;
  if (node === null)
    return [row('node', `id ${peer.nodeId}, not on the tailnet now`), row('login', peer.login)];
  return [
    row('node', `${node.dnsName}, id ${peer.nodeId}, ${node.online ? 'online' : 'offline'}`),
    row('address', node.ipv4 ?? 'none'),
    row('login', loginWords(detail)),
  ];
}

function offersWords(offered: readonly string[] | null): string {
  if (offered === null) return 'not known yet';
  return offered.length === 0 ? 'nothing: it cannot be written to' : offered.join(', ');
}

export function grantWords(grant: EitherGrantView): string {
  const until = grant.expiresAt === null ? '' : `, until ${grant.expiresAt}`;
  const hold = grant.hold === 'none' ? '' : `, hold ${grant.hold}`;
  if (grant.direction === 'outbound') {
    const replies = grant.replySession === null ? '' : `, replies to ${grant.replySession}`;
    return `${grant.alias === 'any' ? 'every alias that it offers' : grant.alias}${hold}${replies}${until}`;
  }
  const limit = grant.sendsPerMinute === null ? '' : `, ${grant.sendsPerMinute} a minute`;
  return `"${grant.alias}" is ${grant.sessionKey} (${grant.operations.join(', ')}${limit})${hold}${until}`;
}

const wordsOr = (none: string, words: readonly string[]) => (words.length === 0 ? [none] : words);

/** One row for each grant, the first with the name. */
function grantRows(name: string, none: string, grants: readonly EitherGrantView[]): readonly string[] {
  return wordsOr(none, grants.map(grantWords)).map((words, index) => row(index === 0 ? name : '', words));
}

/** Who it is, and what each side is about to give the other. */
export function pairingLines(detail: PeerDetailView, offered: readonly string[] | null): readonly string[] {
  const given = detail.grants.filter(({ direction }) => direction === 'inbound');
  return [
    ...nodeLines(detail),
    row('offers', offersWords(offered)),
    ...grantRows('gets', 'nothing: it cannot write here', given),
  ];
}

function stateWords({ peer, pairing }: PeerDetailView): string {
  const words = [peer.state, endOf(peer), todoOf({ ...peer, pairing })];
  if (pairing?.expiresAt) words.push(`given up at ${pairing.expiresAt}`);
  return words.filter((word) => word !== '').join(', ');
}

/** Everything about one peer. */
export function detailLines(detail: PeerDetailView): readonly string[] {
  const { peer, pairing, grants, rotating } = detail;
  const token = peer.hasOutboundToken ? 'stored' : `missing; see agent-peer peers token ${peer.name}`;
  return [
    peer.name,
    row('state', stateWords(detail)),
    ...nodeLines(detail),
    ...(peer.replyMode === 'task' ? [] : [row('replies', repliesWords(peer))]),
    row('token', `${token}${rotating ? '; new tokens were made that it does not know yet' : ''}`),
    ...(pairing === null ? [] : [row('offers', offersWords(pairing.offered))]),
    ...grantRows(
      'gets',
      'nothing',
      grants.filter(({ direction }) => direction === 'inbound'),
    ),
    ...grantRows(
      'takes',
      'nothing from here',
      grants.filter(({ direction }) => direction === 'outbound'),
    ),
  ];
}
