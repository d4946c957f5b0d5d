import { agentIdOf, type SessionKey } from '../core/session-key.ts';
import { sessionOffer } from '../core/session-offer.ts';
import type { AgentTools } from '../core/strong-tools.ts';
import type { Connection } from './connection.ts';
import { listOf, objectOf, textOf, textsOf } from './json.ts';
import { GatewayAnswerError } from './request-errors.ts';

/** A gateway that was just started loads its plugins for the first of these questions. */
const ANSWER_MS = 10_000;
const SESSIONS_LOOKED_AT = 50;

/** As OpenClaw comes, an agent has every tool. */
const NO_SESSION =
  'it has no session yet that could be asked about. Unless you gave it fewer, it has all of them';
const NONE: AgentTools = { kind: 'known', tools: [] };

function toolNames(inventory: unknown): readonly string[] {
  const tools = listOf(objectOf(inventory)['groups']).flatMap((group) => listOf(objectOf(group)['tools']));
  return tools.flatMap((tool) => textOf(objectOf(tool)['id']) ?? []);
}

/** Null when the gateway has no such session: it tells the tools of a session that there is, and of no other. */
async function effectiveTools(connection: Connection, sessionKey: string): Promise<AgentTools | null> {
  try {
    const inventory = await connection.request('tools.effective', { sessionKey }, { timeoutMs: ANSWER_MS });
    return { kind: 'known', tools: toolNames(inventory) };
  } catch (error) {
    if (error instanceof GatewayAnswerError && error.code === 'INVALID_REQUEST') return null;
    throw error;
  }
}

async function hasAgent(connection: Connection, agentId: string): Promise<boolean> {
  const { agents } = objectOf(await connection.request('agents.list', {}, { timeoutMs: ANSWER_MS }));
  return listOf(agents).some((agent) => objectOf(agent)['id'] === agentId);
}

/** Another session of the agent: one that is plain, as a sub-agent's or a chat's can have fewer tools. */
async function otherSession(connection: Connection, agentId: string): Promise<string | null> {
  const params = { agentId, limit: SESSIONS_LOOKED_AT };
  const { sessions } = objectOf(await connection.request('sessions.list', params, { timeoutMs: ANSWER_MS }));
  const keys = listOf(sessions).flatMap((row) => textOf(objectOf(row)['key']) ?? []);
  return keys.find((key) => sessionOffer(key).offer === 'yes') ?? null;
}

const deniesAll = (tools: unknown): boolean => textsOf(objectOf(tools)['deny']).includes('*');

/** Of all that a configuration can say of tools, the one thing that cannot be misread: that there are none. */
async function isGivenNone(connection: Connection, agentId: string): Promise<boolean> {
  const { config } = objectOf(await connection.request('config.get', {}, { timeoutMs: ANSWER_MS }));
  const { agents, tools } = objectOf(config);
  const agent = objectOf(objectOf(objectOf(agents)['entries'])[agentId]);
  return deniesAll(tools) || deniesAll(agent['tools']);
}

/** What the gateway says of the session itself, else of another one of its agent, else of the agent's configuration. */
export async function readAgentTools(connection: Connection, sessionKey: SessionKey): Promise<AgentTools> {
  const agentId = agentIdOf(sessionKey);
  const own = await effectiveTools(connection, sessionKey);
  if (own !== null) return own;
  if (!(await hasAgent(connection, agentId))) return { kind: 'unknown', detail: 'there is no such agent' };
  const other = await otherSession(connection, agentId);
  const others = other === null ? null : await effectiveTools(connection, other);
  if (others !== null) return others;
  if (await isGivenNone(connection, agentId)) return NONE;
  const detail = other === null ? NO_SESSION : 'the gateway does not say';
  return { kind: 'unknown', detail };
}
