import type { Grant, InboundGrant } from '../core/grant.ts';
import { isMainSession, sessionKeyKind } from '../core/session-key.ts';
import { objectionTo } from '../core/session-key-kind.ts';

export function inboundGrants(grants: readonly Grant[]): readonly InboundGrant[] {
  return grants.filter((grant) => grant.direction === 'inbound');
}

/** One sentence for each thing about a grant that its owner may not have meant. */
export function warningsFor(given: InboundGrant, before: readonly InboundGrant[]): readonly string[] {
  const { peer, alias, sessionKey } = given;
  const warnings: string[] = [];
  if (isMainSession(sessionKey)) {
    warnings.push(`${sessionKey} is the main session: "${peer}" will write where you talk to your agent`);
  }
  const objection = objectionTo(sessionKeyKind(sessionKey));
  if (objection !== null) warnings.push(`${sessionKey} ${objection.what}`);
  // One session has one memory: what its model read from one peer, another can have it tell.
  for (const other of before.filter((grant) => grant.peer !== peer && grant.sessionKey === sessionKey)) {
    warnings.push(
      `${sessionKey} is open to "${other.peer}" as well, as "${other.alias}": each can get to know through the model what the other writes there`,
    );
  }
  const replaced = before.find((grant) => grant.peer === peer && grant.alias === alias);
  if (replaced !== undefined && replaced.sessionKey !== sessionKey) {
    warnings.push(`"${alias}" was ${replaced.sessionKey} for "${peer}" until now`);
  }
  return warnings;
}
