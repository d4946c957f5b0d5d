import { z } from 'zod';
import type { PeerName } from '../core/peer.ts';
import type { PeerAnswer } from '../ports/peer-reads.ts';
import { readPeerAnswer, understood } from './read-answer.ts';

const Word = z.string().regex(/^[\x21-\x7e]{1,64}$/);
const Health = z.object({ status: Word, version: Word.optional(), protocol: Word.optional() });

/** How a peer says that it is. That it takes nothing now is an answer too, and comes with its status. */
export function readHealth(peer: PeerName, answer: PeerAnswer): { status: number; body: object } {
  const json = readPeerAnswer(peer, answer, [200, 503]);
  return { status: answer.status, body: understood(peer, 'health', Health.safeParse(json)) };
}
