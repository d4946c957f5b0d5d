import type { RefusalReason } from '../core/refusal.ts';
import { AgentPeerError } from '../errors.ts';
import type { ClaimAnswer, PairAnswer } from '../ports/pairing.ts';

export function refused(what: string, fix: string): AgentPeerError {
  return new AgentPeerError('invite-refused', what, fix);
}

export const ASK = 'Ask for a new code';

const WHY: Readonly<Partial<Record<RefusalReason | 'unknown', readonly [what: string, fix: string]>>> = {
  'invite-unknown': ['the other stack knows no such invite: it was cancelled, or made before a restore', ASK],
  'invite-expired': ['the invite has expired by the other machine’s clock', ASK],
  'invite-used': ['the invite was used already, by another node or before', ASK],
  'invite-other-node': ['the invite was made for another node', 'Ask for a code for this one'],
  'node-paired': [
    'the other stack has this node as a peer already',
    'Let its owner revoke that one first: agent-peer peers revoke',
  ],
  unauthenticated: [
    'the other stack’s tailscaled does not know this node yet',
    'Try again in a moment; if it stays so, check the tailnet policy',
  ],
};

/** Throws AgentPeerError with what the other stack said to the claim. */
export function answerOf(answer: PairAnswer<'claim'>): ClaimAnswer {
  if (answer.kind === 'answered') return answer.answer;
  if (answer.kind === 'unreachable') {
    const what = `the other stack cannot be reached: ${answer.detail}`;
    throw new AgentPeerError(
      'peer-unreachable',
      what,
      'It goes on by itself when it can; until then nothing is granted',
    );
  }
  if (answer.reason === 'path-unknown') {
    const what = 'the other stack knows no invites: it runs an older version of agent-peer';
    throw new AgentPeerError('peer-incompatible', what, 'Update it, then ask for a new code');
  }
  const why = WHY[answer.reason];
  if (why !== undefined) throw refused(...why);
  const what = `the other stack cannot answer now (${answer.reason})`;
  throw new AgentPeerError('peer-unreachable', what, 'It goes on by itself when it can');
}

/** Whether asking again may help. */
export function isFinalRefusal(error: unknown): boolean {
  return error instanceof AgentPeerError && ['invite-refused', 'peer-incompatible'].includes(error.code);
}
