import { DEFAULT_ALIAS } from '../core/alias.ts';
import { AgentPeerError } from '../errors.ts';
import type { AgentPeer } from '../ports/agent-api.ts';
import { known } from './peer-list.ts';

function notKnown(name: string): AgentPeerError {
  return new AgentPeerError('peer-not-found', `no peer is called "${name}"`, 'See peer_list');
}

/**
 * Where a message goes that names no alias: the one that every pairing has, or the only one that there is. Throws
 * AgentPeerError `peer-not-found`, `input-invalid`. Whether it may go there is for the judge to say.
 */
export function chooseAlias(peers: readonly AgentPeer[], name: string): string {
  const peer = known(peers).find((one) => one.name === name);
  if (peer === undefined) throw notKnown(name);
  const aliases = peer.aliases.map(({ alias }) => alias);
  const [only, ...others] = aliases;
  if (only === undefined || aliases.includes('any') || aliases.includes(DEFAULT_ALIAS)) return DEFAULT_ALIAS;
  if (others.length === 0) return only;
  const fix = `Name one of: ${aliases.join(', ')}`;
  throw new AgentPeerError('input-invalid', `alias: "${name}" has more than one`, fix);
}
