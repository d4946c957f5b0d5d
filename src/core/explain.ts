import type { Allowed, Decision, DenyReason } from './decision.ts';
import type { HoldReason } from './hold.ts';

const WHY: Record<DenyReason, (peer: string) => string> = {
  'clock-behind': () =>
    "this machine's clock is behind a time that it has already shown, and what has expired would come back",
  'token-missing': () => 'no bearer token was presented',
  'token-unknown': () => 'the token belongs to no peer',
  'node-unknown': (peer) => `tailscaled does not know the node that ${peer}'s request came from`,
  'node-mismatch': (peer) =>
    `the token is ${peer}'s, but it came from another node than the one it is bound to`,
  'node-not-paired': () => 'the node belongs to no peer',
  'peer-unknown': () => 'there is no such peer',
  'peer-provisional': (peer) => `the pairing with ${peer} is not complete: both owners have to confirm it`,
  'peer-paused': (peer) => `${peer} is paused until the owner confirms it`,
  'peer-revoked': (peer) => `${peer} was revoked`,
  'peer-expired': (peer) => `the pairing with ${peer} has expired`,
  'stack-paused': () => 'this stack is paused: its owner has stopped everything',
  'invite-unknown': () => 'no invite has this secret',
  'invite-expired': () => 'the invite has expired',
  'invite-used': () => 'the invite was used already',
  'invite-other-node': () => 'the invite was made for another node',
  'node-paired': (peer) => `the node is the peer ${peer} already`,
  'alias-not-granted': (peer) => `there is no grant between ${peer} and this stack for that alias`,
  'grant-expired': (peer) => `the grant between ${peer} and this stack for that alias has expired`,
  'operation-not-granted': (peer) => `the grant of ${peer} for that alias does not include the operation`,
  'sends-exceeded': (peer) => `${peer} has sent as many messages in the last minute as it may`,
  'total-sends-exceeded': () =>
    'all peers together have sent as many messages in the last minute as they may',
};

const HELD: Readonly<Record<HoldReason, string>> = {
  grant: 'the grant asks for it',
  'looks-secret': 'it looks as if it had a secret in it',
  'hop-limit': 'the chain of messages has crossed too many machines',
  'turns-per-hour': 'the pair has had its turns of this hour',
  'turns-per-day': 'the pair has had its turns of this day',
  'turns-per-conversation': 'the conversation has had its turns',
  'bytes-per-day': 'the pair has had its bytes of this day',
};

function heldWords(hold: HoldReason | null): string {
  return hold === null ? '' : `, and a person looks at it first, because ${HELD[hold]}`;
}

function submitWords({ peer, hold, keepsSecrets }: Allowed<'message-submit'>): string {
  const secrets = hold === null && keepsSecrets ? '; at what looks like a secret a person looks first' : '';
  return `agents of this machine may write to ${peer.name}${heldWords(hold)}${secrets}`;
}

/** One sentence for the owner. Never for the wire: it tells an outsider which part of a credential was right. */
export function explain(decision: Decision): string {
  if (!decision.allow) return `Refused: ${WHY[decision.reason](decision.peer?.name ?? 'a peer')}.`;
  switch (decision.operation) {
    case 'liveness-read':
      return 'Allowed: any node of the tailnet may ask whether this stack is up.';
    case 'health-read':
      return `Allowed: ${decision.peer.name} may read the health of this stack.`;
    case 'card-read': {
      const aliases = decision.grants.map(({ alias }) => `"${alias}"`).join(', ');
      return `Allowed: ${decision.peer.name} may read the agent card, with ${aliases === '' ? 'no alias' : aliases}.`;
    }
    case 'message-send':
      return `Allowed: ${decision.peer.name} may write to "${decision.grant.alias}", which is ${decision.grant.sessionKey}${heldWords(decision.hold)}.`;
    case 'task-read':
      return `Allowed: ${decision.peer.name} may read what became of its messages to "${decision.grant.alias}".`;
    case 'task-cancel':
      return `Allowed: ${decision.peer.name} may cancel its messages to "${decision.grant.alias}" that have not begun.`;
    case 'invite-claim':
      return `Allowed: the node may become the peer ${decision.invite.peer}.`;
    case 'pairing-continue':
      return `Allowed: ${decision.peer.name} may ask how far the pairing has come.`;
    case 'token-rotate':
      return `Allowed: ${decision.peer.name} may exchange the tokens for new ones.`;
    case 'message-submit':
      return `Allowed: ${submitWords(decision)}.`;
  }
}
