import { A2A_PROTOCOL_VERSION, AgentCard, type AgentInterface, type AgentSkill } from '@a2a-js/sdk';
import { KINDS } from '../core/kinds.ts';
import { MESSAGE_EXTENSION } from '../core/peer-wire.ts';

const TEXT = 'text/plain';
const JSON_TYPE = 'application/json';

export interface CardSkill {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
}

export interface CardParts {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** Where messages are taken; null when there is nowhere. */
  readonly url: string | null;
  /** What the bearer token is. */
  readonly token: string;
  readonly isTokenNeeded: boolean;
  readonly skills: readonly CardSkill[];
}

function interfaceOf(url: string): AgentInterface {
  return { url, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: A2A_PROTOCOL_VERSION };
}

function skillOf({ id, name, description, tags }: CardSkill): AgentSkill {
  return {
    id,
    name,
    description,
    tags: [...tags],
    examples: [],
    inputModes: [TEXT, JSON_TYPE],
    outputModes: [TEXT],
    securityRequirements: [],
  };
}

/** The agent card of either surface that takes messages: what one of them can do, the other can. */
export function cardJson(parts: CardParts): unknown {
  const { name, description, version, url, token, isTokenNeeded, skills } = parts;
  const bearer = { description: token, scheme: 'bearer', bearerFormat: '' };
  const extension = {
    uri: MESSAGE_EXTENSION,
    description: `Hops, time to live and kind of a message (${KINDS.join(', ')}) with its fields, text to read beside it, and how a task without a reply ended`,
    required: false,
    params: undefined,
  };
  return AgentCard.toJSON({
    name,
    description,
    // One only: of several with one binding, the official client takes the last and so another session than the first.
    supportedInterfaces: url === null ? [] : [interfaceOf(url)],
    provider: undefined,
    version,
    capabilities: { streaming: false, pushNotifications: false, extensions: [extension] },
    securitySchemes: { bearer: { scheme: { $case: 'httpAuthSecurityScheme', value: bearer } } },
    securityRequirements: isTokenNeeded ? [{ schemes: { bearer: { list: [] } } }] : [],
    defaultInputModes: [TEXT, JSON_TYPE],
    defaultOutputModes: [TEXT],
    skills: skills.map(skillOf),
    signatures: [],
  });
}
