import { AgentPeerError } from '../errors.ts';
import type { TailnetNode, TailnetStatus } from '../ports/tailnet.ts';

const NAMES_SHOWN = 30;

function bare(dnsName: string): string {
  return dnsName.toLowerCase().replace(/\.$/, '');
}

/** Only the control server gives out ids, addresses and MagicDNS names; a host name is what a node says of itself. */
function isNamed(node: TailnetNode, raw: string): boolean {
  const wanted = bare(raw);
  if (wanted === '') return false;
  const full = bare(node.dnsName);
  if (wanted === full) return true;
  return !wanted.includes('.') && (wanted === full.split('.')[0] || wanted === node.hostName.toLowerCase());
}

function notFound(what: string, others: readonly TailnetNode[]): AgentPeerError {
  const names = others.map(({ dnsName }) => bare(dnsName)).sort();
  const shown = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '');
  const known =
    names.length === 0 ? 'This node sees no other node: check the tailnet policy' : `Known nodes: ${shown}`;
  return new AgentPeerError('node-not-found', what, known);
}

/**
 * The one node that a person means: by StableID, IPv4 address, MagicDNS name, its first label, or host name. A name
 * that fits two nodes is refused, since the token would be bound to whichever came first. Throws AgentPeerError
 * `node-not-found` with the names that are known.
 */
export function findNode(raw: string, { self, peers }: TailnetStatus): TailnetNode {
  const wanted = raw.trim();
  const all = self === null ? peers : [self, ...peers];
  const exact = all.filter(({ nodeId, ipv4 }) => nodeId === wanted || ipv4 === wanted);
  const hits = exact.length > 0 ? exact : all.filter((node) => isNamed(node, wanted));
  const [node, ...more] = hits;
  if (node === undefined) throw notFound(`no node of the tailnet is "${wanted}"`, peers);
  if (more.length > 0) {
    const which = hits.map(({ dnsName, nodeId }) => `${bare(dnsName)} (${nodeId})`).join(' and ');
    throw notFound(`"${wanted}" fits ${which}: give the full name or the id`, peers);
  }
  if (node.nodeId === self?.nodeId) throw notFound(`"${wanted}" is this node itself`, peers);
  return node;
}
