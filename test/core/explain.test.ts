import { describe, expect, it } from 'vitest';
import { DENY_REASONS, type Decision, type DenyReason } from '../../src/core/decision.ts';
import { explain } from '../../src/core/explain.ts';
import type { HoldReason } from '../../src/core/hold.ts';
import { inbound, inviteFor, outbound, peerNamed } from './sample-policy.ts';

const peer = peerNamed('bob');
const grant = inbound('bob', 'handoff');
const any = outbound('bob', 'any');
const invite = inviteFor('dave');

const HELD: Record<HoldReason, string> = {
  grant: 'the grant asks for it',
  'looks-secret': 'it looks as if it had a secret in it',
  'hop-limit': 'the chain of messages has crossed too many machines',
  'turns-per-hour': 'the pair has had its turns of this hour',
  'turns-per-day': 'the pair has had its turns of this day',
  'turns-per-conversation': 'the conversation has had its turns',
  'bytes-per-day': 'the pair has had its bytes of this day',
};

describe('the explanation', () => {
  it.each<[Decision, string]>([
    [
      { allow: true, operation: 'liveness-read', peer: null },
      'Allowed: any node of the tailnet may ask whether this stack is up.',
    ],
    [{ allow: true, operation: 'health-read', peer }, 'Allowed: bob may read the health of this stack.'],
    [
      { allow: true, operation: 'card-read', peer, grants: [grant, inbound('bob', 'inbox')] },
      'Allowed: bob may read the agent card, with "handoff", "inbox".',
    ],
    [
      { allow: true, operation: 'card-read', peer, grants: [] },
      'Allowed: bob may read the agent card, with no alias.',
    ],
    [
      { allow: true, operation: 'message-send', peer, grant, hold: null },
      'Allowed: bob may write to "handoff", which is agent:main:bob-handoff.',
    ],
    ...Object.entries(HELD).map(([hold, why]): [Decision, string] => [
      { allow: true, operation: 'message-send', peer, grant, hold: hold as HoldReason },
      `Allowed: bob may write to "handoff", which is agent:main:bob-handoff, and a person looks at it first, because ${why}.`,
    ]),
    [
      { allow: true, operation: 'task-read', peer, grant },
      'Allowed: bob may read what became of its messages to "handoff".',
    ],
    [
      { allow: true, operation: 'task-cancel', peer, grant },
      'Allowed: bob may cancel its messages to "handoff" that have not begun.',
    ],
    [
      { allow: true, operation: 'invite-claim', peer: null, invite },
      'Allowed: the node may become the peer dave.',
    ],
    [
      { allow: true, operation: 'pairing-continue', peer },
      'Allowed: bob may ask how far the pairing has come.',
    ],
    [{ allow: true, operation: 'token-rotate', peer }, 'Allowed: bob may exchange the tokens for new ones.'],
    [
      { allow: true, operation: 'message-submit', peer, grant: any, hold: null, keepsSecrets: false },
      'Allowed: agents of this machine may write to bob.',
    ],
    [
      { allow: true, operation: 'message-submit', peer, grant: any, hold: null, keepsSecrets: true },
      'Allowed: agents of this machine may write to bob; at what looks like a secret a person looks first.',
    ],
    [
      {
        allow: true,
        operation: 'message-submit',
        peer,
        grant: any,
        hold: 'looks-secret',
        keepsSecrets: true,
      },
      'Allowed: agents of this machine may write to bob, and a person looks at it first, because it looks as if it had a secret in it.',
    ],
    [
      { allow: true, operation: 'message-submit', peer, grant: any, hold: 'grant', keepsSecrets: false },
      'Allowed: agents of this machine may write to bob, and a person looks at it first, because the grant asks for it.',
    ],
  ])('of %j', (decision, sentence) => {
    expect(explain(decision)).toBe(sentence);
  });

  const WHY: Record<DenyReason, string> = {
    'clock-behind':
      "this machine's clock is behind a time that it has already shown, and what has expired would come back",
    'token-missing': 'no bearer token was presented',
    'token-unknown': 'the token belongs to no peer',
    'node-unknown': "tailscaled does not know the node that bob's request came from",
    'node-mismatch': "the token is bob's, but it came from another node than the one it is bound to",
    'node-not-paired': 'the node belongs to no peer',
    'peer-unknown': 'there is no such peer',
    'peer-provisional': 'the pairing with bob is not complete: both owners have to confirm it',
    'peer-paused': 'bob is paused until the owner confirms it',
    'peer-revoked': 'bob was revoked',
    'peer-expired': 'the pairing with bob has expired',
    'stack-paused': 'this stack is paused: its owner has stopped everything',
    'invite-unknown': 'no invite has this secret',
    'invite-expired': 'the invite has expired',
    'invite-used': 'the invite was used already',
    'invite-other-node': 'the invite was made for another node',
    'node-paired': 'the node is the peer bob already',
    'alias-not-granted': 'there is no grant between bob and this stack for that alias',
    'grant-expired': 'the grant between bob and this stack for that alias has expired',
    'operation-not-granted': 'the grant of bob for that alias does not include the operation',
    'sends-exceeded': 'bob has sent as many messages in the last minute as it may',
    'total-sends-exceeded': 'all peers together have sent as many messages in the last minute as they may',
  };
  it.each(DENY_REASONS)('of the refusal %s', (reason) => {
    expect(explain({ allow: false, reason, peer })).toBe(`Refused: ${WHY[reason]}.`);
  });

  it('says "a peer" where it does not know which', () => {
    expect(explain({ allow: false, reason: 'node-unknown', peer: null })).toBe(
      "Refused: tailscaled does not know the node that a peer's request came from.",
    );
  });

  it('never quotes a credential', () => {
    for (const reason of DENY_REASONS) {
      expect(explain({ allow: false, reason, peer })).not.toContain(peer.tokenDigest);
    }
  });
});
