import type { Request, Response } from 'express';
import { checkHead } from '../a2a/head.ts';
import { REFUSAL_TABLE } from '../a2a/refusal-table.ts';
import { Refusal, refusalMessage } from '../a2a/refusal.ts';
import { parsePeerName, type PeerName } from '../core/peer.ts';
import { AGENT_CARD_PATH } from '../core/peer-wire.ts';
import { aliasesOf } from '../core/policy.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { ReadPath } from '../ports/peer-reads.ts';
import { readCard } from './card.ts';
import { readHealth } from './health.ts';
import type { NotPermitted, PeersMountParts } from './parts.ts';
import { PEERS_PATH, type Target } from './target.ts';

const HEAD_BYTES = 32 * 1024;

/** A read is no call, so what is wrong with its head is told as everywhere else on this listener. */
function checkRead(request: Request): void {
  try {
    checkHead(request, 'GET', HEAD_BYTES);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const what = refusalMessage(REFUSAL_TABLE[error.reason], error.detail);
    throw new AgentPeerError('input-invalid', what, 'Send a plain GET without a body');
  }
}

/** Null where agents here may write to this peer, under any of its aliases: then they may read of it. */
function judgeRead({ judge, policy }: PeersMountParts, peer: PeerName): NotPermitted | null {
  const judged = aliasesOf(policy(), peer).map((alias) => judge({ peer, alias }));
  const [first = null] = judged;
  return judged.includes(null) ? null : first;
}

/** Throws AgentPeerError with why nobody here may read of this peer. Either way it stands in the audit log. */
function checkPermitted(parts: PeersMountParts, peer: PeerName, path: ReadPath): void {
  const refused = judgeRead(parts, peer);
  parts.audit.record({
    direction: 'outbound',
    surface: 'local',
    operation: path === AGENT_CARD_PATH ? 'card-read' : 'health-read',
    allowed: refused === null,
    reason: refused?.reason ?? 'allowed',
    peer: refused === null ? peer : refused.peer,
    nodeId: null,
    alias: null,
    messageId: null,
    textDigest: null,
  });
  if (refused !== null) throw refused.error;
}

/** Relays one read to the peer, now, and answers what of it is understood. Throws AgentPeerError. */
export async function answerRead(
  parts: PeersMountParts,
  target: Extract<Target, { readonly kind: 'read' }>,
  { request, response, signal }: { request: Request; response: Response; signal: AbortSignal },
): Promise<void> {
  checkRead(request);
  const peer = must('peer-not-found', parsePeerName(target.peer));
  const { path } = target;
  checkPermitted(parts, peer, path);
  // Of the names that this listener has, the one that it was called by; the door let no other through.
  const base = `http://${request.headers.host ?? ''}${PEERS_PATH}/${peer}`;
  const answer = await parts.reads.read(request, { peer, path }, signal);
  const { status, body } = path === AGENT_CARD_PATH ? readCard(peer, answer, base) : readHealth(peer, answer);
  if (!response.destroyed) response.status(status).json(body);
}
