import { COMPLETE_NEWS, hear, newsOf, type PairingStage } from '../core/pairing.ts';
import type { PeerName } from '../core/peer.ts';
import type { PairAnswer } from '../ports/pairing.ts';
import type { PairingParts } from './parts.ts';

/** What became of telling a peer how far this side is. `unknown`: it says that it does not know this stack. */
export type Told = PairingStage | 'unreachable' | 'refused' | 'unknown';

function stageAfter(parts: PairingParts, peer: PeerName, answer: PairAnswer<'news'>): Told {
  if (answer.kind === 'unreachable') return 'unreachable';
  if (answer.kind === 'refused') return answer.reason === 'unauthenticated' ? 'unknown' : 'refused';
  const stage = parts.pairings.update(peer, (facts) => hear(facts, answer.answer));
  if (stage === 'complete') {
    parts.log.info('pairing-complete', { peer });
    parts.onChanged(peer);
  }
  return stage ?? 'complete';
}

/** Tells the peer how far this side is and hears how far it is, with the token that we present to it now. */
export async function tellNews(parts: PairingParts, name: PeerName, signal: AbortSignal): Promise<Told> {
  const { peers, pairings, transport, reach } = parts;
  const peer = peers.findPeer(name);
  const token = peers.outboundToken(name);
  if (peer === null || token === null) return 'refused';
  const record = pairings.find(name);
  const news = record === null ? COMPLETE_NEWS : newsOf(record);
  reach('news-sent');
  const answer = await transport.send<'news'>(peer.nodeId, token, { type: 'news', ...news }, signal);
  reach('news-answered');
  const told = stageAfter(parts, name, answer);
  reach('news-answer-stored');
  return told;
}
