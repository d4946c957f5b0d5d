import { AgentPeerError } from '../errors.ts';
import type { GatewaySession, GatewaySessions } from '../ports/gateway.ts';
import { readAgentTools } from './agent-tools.ts';
import type { Connection } from './connection.ts';
import { listOf, numberOf, objectOf, textOf } from './json.ts';
import type { GatewayLink } from './link.ts';
import { stateLine } from './link-state.ts';
import { GatewayAnswerError, NoAnswerError } from './request-errors.ts';
import { readIsRunning } from './session-running.ts';

const LISTED = 500;
const ANSWER_MS = 10_000;
const PAIR = 'Run agent-peer gateway pair';
const LOOK = 'See agent-peer status, and start the gateway';

function unreachable(detail: string): AgentPeerError {
  return new AgentPeerError('gateway-unreachable', `the gateway cannot be asked: ${detail}`, LOOK);
}

/** Says why there is nobody to ask. */
function absent({ state }: GatewayLink): AgentPeerError {
  const now = state();
  return now.kind === 'unpaired'
    ? new AgentPeerError('gateway-not-approved', stateLine(now), PAIR)
    : unreachable(stateLine(now));
}

/** The time of the last turn; that of the last change, which a new label is as well, for a session without one. */
function usedAtOf(row: ReturnType<typeof objectOf>): number | null {
  const turns = ['lastInteractionAt', 'lastActivityAt'].map((field) => numberOf(row[field]) ?? 0);
  const last = Math.max(...turns);
  return last > 0 ? last : numberOf(row['updatedAt']);
}

function sessionOf(raw: unknown): readonly GatewaySession[] {
  const row = objectOf(raw);
  const sessionKey = textOf(row['key']);
  if (sessionKey === null) return [];
  return [{ sessionKey, agentId: textOf(row['agentId']), usedAt: usedAtOf(row) }];
}

export function createSessions(link: GatewayLink): GatewaySessions {
  /** Runs on the connection that there is now. Throws AgentPeerError when there is none, or no answer. */
  async function ask<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = link.connection();
    if (connection === null) throw absent(link);
    try {
      return await run(connection);
    } catch (error) {
      if (error instanceof GatewayAnswerError || error instanceof NoAnswerError)
        throw unreachable(error.message);
      throw error;
    }
  }

  async function sessions() {
    const params = { limit: LISTED, includeGlobal: true, includeUnknown: true };
    const raw = await ask((connection) =>
      connection.request('sessions.list', params, { timeoutMs: ANSWER_MS }),
    );
    const { sessions: rows, totalCount } = objectOf(raw);
    const listed = listOf(rows).flatMap(sessionOf);
    const newestFirst = listed.toSorted((a, b) => (b.usedAt ?? 0) - (a.usedAt ?? 0));
    return { sessions: newestFirst, total: numberOf(totalCount) ?? listed.length };
  }

  async function orElse<T>(asking: Promise<T>, otherwise: (detail: string) => T): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      if (error instanceof AgentPeerError) return otherwise(error.message);
      throw error;
    }
  }

  return {
    sessions,
    defaultAgent: () =>
      orElse(
        ask(async (connection) => {
          const agents = await connection.request('agents.list', {}, { timeoutMs: ANSWER_MS });
          return textOf(objectOf(agents)['defaultId']);
        }),
        () => null,
      ),
    agentTools: (sessionKey) =>
      orElse(
        ask((connection) => readAgentTools(connection, sessionKey)),
        (detail) => ({ kind: 'unknown', detail }),
      ),
    isRunning: (sessionKey) => ask((connection) => readIsRunning(connection, sessionKey)),
  };
}
