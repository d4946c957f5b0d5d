import type { InboundGrant } from '../core/grant.ts';
import { agentIdOf } from '../core/session-key.ts';
import { toolWarning } from '../core/strong-tools.ts';
import type { GatewaySessions } from '../ports/gateway.ts';

export type AgentTools = Pick<GatewaySessions, 'agentTools'>;

async function warningOf({ operations, sessionKey }: InboundGrant, gateway: AgentTools) {
  if (!operations.includes('message-send')) return [];
  const warning = toolWarning(agentIdOf(sessionKey), await gateway.agentTools(sessionKey));
  return warning === null ? [] : [warning];
}

/** What the peer's words could reach, each thing said once. A peer that may not write has no words. */
export async function warningsOfTools(
  grants: readonly InboundGrant[],
  gateway: AgentTools,
): Promise<readonly string[]> {
  const warnings = await Promise.all(grants.map((grant) => warningOf(grant, gateway)));
  return [...new Set(warnings.flat())];
}
