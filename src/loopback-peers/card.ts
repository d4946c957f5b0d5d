import { z } from 'zod';
import { cardJson } from '../a2a/card.ts';
import type { PeerName } from '../core/peer.ts';
import { MESSAGES_PATH } from '../core/peer-wire.ts';
import type { PeerAnswer } from '../ports/peer-reads.ts';
import { readPeerAnswer, understood } from './read-answer.ts';

const cut = (length: number) => z.string().transform((text) => text.slice(0, length).toWellFormed());

const Skill = z.object({
  id: cut(128),
  name: cut(128),
  description: cut(2_000).default(''),
  tags: z
    .array(cut(64))
    .default([])
    .transform((tags) => tags.slice(0, 16)),
});

/** Of another framework there may be more in it, and less. */
const Card = z.object({
  name: cut(128),
  description: cut(2_000).default(''),
  version: cut(64).default(''),
  supportedInterfaces: z.array(z.object({ url: z.string() })).default([]),
  skills: z
    .array(Skill)
    .default([])
    .transform((skills) => skills.slice(0, 64)),
});
type Card = z.infer<typeof Card>;

const CALL_PATH = /^\/a2a\/v1(?:\/[a-z0-9-]{1,32})?$/;
/** As a stack writes its own address into the description of a skill. */
const CALL_URL = /https?:\/\/[^\s/]{1,260}\/a2a\/v1/g;

/** Null when the peer names nowhere to write to. */
function callUrl({ supportedInterfaces }: Card, base: string): string | null {
  if (supportedInterfaces.length === 0) return null;
  const paths = supportedInterfaces.map(({ url }) => URL.parse(url)?.pathname ?? '');
  return base + (paths.find((path) => CALL_PATH.test(path)) ?? MESSAGES_PATH);
}

/**
 * The card of a peer as it is from here: a client that goes by it posts to this stack, where its messages are kept, counted
 * and held, and never to the tailnet. So it says what this listener can do, and none of the peer's addresses is in it.
 * @param base `http://127.0.0.1:<port>/peers/<peer>`
 */
export function readCard(
  peer: PeerName,
  answer: PeerAnswer,
  base: string,
): { status: number; body: unknown } {
  const card = understood(peer, 'agent card', Card.safeParse(readPeerAnswer(peer, answer, [200])));
  const here = (text: string): string => text.replaceAll(CALL_URL, base + MESSAGES_PATH);
  const body = cardJson({
    ...card,
    description: here(card.description),
    url: callUrl(card, base),
    token: 'The agent token of this stack, where its owner wants one',
    isTokenNeeded: false,
    skills: card.skills.map((skill) => ({ ...skill, description: here(skill.description) })),
  });
  return { status: 200, body };
}
