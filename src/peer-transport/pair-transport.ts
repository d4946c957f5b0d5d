import { z } from 'zod';
import { Failure, refusalWord } from '../a2a/failure.ts';
import { parseAlias } from '../core/alias.ts';
import { PAIR_PATH } from '../core/peer-wire.ts';
import { isRefusalReason } from '../core/refusal.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import { PEER_TOKEN } from '../digests.ts';
import { AgentPeerError } from '../errors.ts';
import type { PairAnswer, PairRequest, PairTransport } from '../ports/pairing.ts';
import type { Tailnet } from '../ports/tailnet.ts';
import { PEER_TRANSPORT_LIMITS } from './limits.ts';
import { createNodeAddress } from './node-address.ts';
import { post, type PostAnswer } from './post.ts';
import { Undelivered } from './undelivered.ts';

export interface PairTransportDeps {
  readonly tailnet: Tailnet;
  /** Our own tailnet IPv4, from which every connection is made. */
  readonly localAddress: string;
  readonly port: number;
}

const ANSWER_BYTES = 16 * 1024;

const PeerToken = z.string().regex(PEER_TOKEN);
const News = z.object({ confirmed: z.boolean(), ready: z.boolean() });
/** An alias that this version cannot name cannot be written to either. */
const Offers = z
  .array(z.string().max(64))
  .max(64)
  .transform((names) =>
    names.flatMap((name) => {
      const alias = parseAlias(name);
      return alias.ok ? [alias.value] : [];
    }),
  );
const Claimed = News.extend({
  token: PeerToken,
  offers: Offers,
  expiresInSeconds: z.int().min(1).max(604_800),
  now: z.int(),
});
const Rotated = z.object({ token: PeerToken.nullable() });

/** Of a newer version there may be more in it than is known here. */
const ANSWERS: { readonly [T in PairRequest['type']]: z.ZodType<AnswerOf<T>> } = {
  claim: Claimed,
  news: News,
  rotate: Rotated,
};
type AnswerOf<T extends PairRequest['type']> = Extract<
  PairAnswer<T>,
  { readonly kind: 'answered' }
>['answer'];

function jsonOf(body: Buffer): unknown {
  const json = parseStrictJson(body.toString('utf8'), 'answer');
  if (json.ok) return json.value;
  throw new Undelivered('answer-not-understood: it is not JSON');
}

function readAnswer<T extends PairRequest['type']>(type: T, { status, body }: PostAnswer): PairAnswer<T> {
  const json = jsonOf(body);
  const failure = Failure.safeParse(json);
  if (failure.success) {
    const word = refusalWord(failure.data.error.data);
    return { kind: 'refused', reason: word !== null && isRefusalReason(word) ? word : 'unknown' };
  }
  const answer = ANSWERS[type].safeParse(json);
  if (status === 200 && answer.success) return { kind: 'answered', answer: answer.data };
  throw new Undelivered(`answer-not-understood: HTTP ${status}`);
}

function unreachable(error: unknown): { readonly kind: 'unreachable'; readonly detail: string } {
  if (error instanceof Undelivered) return { kind: 'unreachable', detail: error.detail };
  if (error instanceof AgentPeerError)
    return { kind: 'unreachable', detail: `${error.code}: ${error.message}` };
  throw error;
}

/** To the node, wherever it is now, by the tunnel alone; secrets are in the body and in no log or error. */
export function createPairTransport({ tailnet, localAddress, port }: PairTransportDeps): PairTransport {
  const { connectMs, answerMs } = PEER_TRANSPORT_LIMITS;
  const addressOf = createNodeAddress(tailnet);
  return {
    send: async (to, token, request, signal) => {
      try {
        const answer = await post({
          address: await addressOf(to, port),
          port,
          path: PAIR_PATH,
          headers: {
            accept: 'application/json',
            'content-type': 'application/json',
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify(request),
          localAddress,
          connectMs,
          totalMs: connectMs + answerMs,
          answerBytes: ANSWER_BYTES,
          signal,
        });
        return readAnswer(request.type, answer);
      } catch (error) {
        return unreachable(error);
      }
    },
  };
}
