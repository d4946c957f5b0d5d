import { cardJson, type CardSkill } from '../a2a/card.ts';
import { rpcRefusal } from '../a2a/refusal.ts';
import { DEFAULT_ALIAS, type Alias } from '../core/alias.ts';
import { MESSAGES_PATH } from '../core/peer-wire.ts';
import type { Deps } from './deps.ts';
import { permit, record } from './exchange.ts';
import type { SurfaceHandler } from './serve.ts';
import type { Target } from './target.ts';

/** Our own address, never the request's `Host`: a card must not send its reader where the asker wished. */
function urlOf(origin: string, alias: Alias): string {
  return origin + (alias === DEFAULT_ALIAS ? MESSAGES_PATH : `${MESSAGES_PATH}/${alias}`);
}

function skillOf(alias: Alias, url: string): CardSkill {
  return {
    id: alias,
    name: alias,
    description: `A session of this stack's agent that you may write to, at ${url}`,
    tags: ['message'],
  };
}

function cardOf({ name, version, origin }: Deps, aliases: readonly Alias[]): unknown {
  const defaultFirst = [...aliases].sort((a, b) => Number(b === DEFAULT_ALIAS) - Number(a === DEFAULT_ALIAS));
  const url = (alias: Alias) => urlOf(origin(), alias);
  const [first] = defaultFirst;
  return cardJson({
    name,
    description:
      'An agent behind agent-peer. It takes messages of text, with data to read beside it, for the sessions listed as skills.',
    version,
    url: first === undefined ? null : url(first),
    token: 'The token that this stack made for you',
    isTokenNeeded: true,
    skills: defaultFirst.map((alias) => skillOf(alias, url(alias))),
  });
}

/** `GET /.well-known/agent-card.json`: what the peer whose node asks may write to; nothing to any other node. */
export const agentCardSurface: SurfaceHandler<Extract<Target, { readonly surface: 'agent-card' }>> = {
  answer: (deps, exchange) => {
    exchange.operation = 'card-read';
    const { grants } = permit(deps, exchange, { operation: 'card-read' });
    record(deps, exchange, true, 'allowed');
    const aliases = grants.map(({ alias }) => alias);
    return Promise.resolve({ status: 200, body: cardOf(deps, aliases) });
  },
  refusal: () => rpcRefusal(null),
};
