import { A2A_PROTOCOL_VERSION, AgentCard, type AgentInterface, type AgentSkill } from '@a2a-js/sdk';
import { DEFAULT_ALIAS, type Alias } from '../core/alias.ts';
import { KINDS } from '../core/kinds.ts';
import { MESSAGE_EXTENSION, MESSAGES_PATH } from '../core/peer-wire.ts';
import type { Deps } from './deps.ts';
import { permit, record } from './exchange.ts';
import { rpcRefusal } from './refuse.ts';
import type { SurfaceHandler } from './serve.ts';
import type { Target } from './target.ts';

const TEXT = 'text/plain';
const JSON_TYPE = 'application/json';

/** Our own address, never the request's `Host`: a card must not send its reader where the asker wished. */
function urlOf(origin: string, alias: Alias): string {
  return origin + (alias === DEFAULT_ALIAS ? MESSAGES_PATH : `${MESSAGES_PATH}/${alias}`);
}

function interfaceOf(url: string): AgentInterface {
  return { url, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: A2A_PROTOCOL_VERSION };
}

function skillOf(alias: Alias, url: string): AgentSkill {
  return {
    id: alias,
    name: alias,
    description: `A session of this stack's agent that you may write to, at ${url}`,
    tags: ['message'],
    examples: [],
    inputModes: [TEXT, JSON_TYPE],
    outputModes: [TEXT],
    securityRequirements: [],
  };
}

function cardOf({ name, version, origin }: Deps, aliases: readonly Alias[]): AgentCard {
  const defaultFirst = [...aliases].sort((a, b) => Number(b === DEFAULT_ALIAS) - Number(a === DEFAULT_ALIAS));
  const url = (alias: Alias) => urlOf(origin(), alias);
  const bearer = {
    description: 'The token that this stack made for you',
    scheme: 'bearer',
    bearerFormat: '',
  };
  const extension = {
    uri: MESSAGE_EXTENSION,
    description: `Hops, time to live and kind of a message (${KINDS.join(', ')}) with its fields, text to read beside it, and how a task without a reply ended`,
    required: false,
    params: undefined,
  };
  return {
    name,
    description:
      'An agent behind agent-peer. It takes messages of text, with data to read beside it, for the sessions listed as skills.',
    // One only: of several with one binding, the official client takes the last and so another session than the first.
    supportedInterfaces: defaultFirst.slice(0, 1).map((alias) => interfaceOf(url(alias))),
    provider: undefined,
    version,
    capabilities: { streaming: false, pushNotifications: false, extensions: [extension] },
    securitySchemes: { bearer: { scheme: { $case: 'httpAuthSecurityScheme', value: bearer } } },
    securityRequirements: [{ schemes: { bearer: { list: [] } } }],
    defaultInputModes: [TEXT, JSON_TYPE],
    defaultOutputModes: [TEXT],
    skills: defaultFirst.map((alias) => skillOf(alias, url(alias))),
    signatures: [],
  };
}

/** `GET /.well-known/agent-card.json`: what the peer whose node asks may write to; nothing to any other node. */
export const agentCardSurface: SurfaceHandler<Extract<Target, { readonly surface: 'agent-card' }>> = {
  answer: (deps, exchange) => {
    exchange.operation = 'card-read';
    const { grants } = permit(deps, exchange, { operation: 'card-read' });
    record(deps, exchange, true, 'allowed');
    return Promise.resolve({
      status: 200,
      body: AgentCard.toJSON(
        cardOf(
          deps,
          grants.map(({ alias }) => alias),
        ),
      ),
    });
  },
  refusal: () => rpcRefusal(null),
};
