import { wrongArgument } from './arguments.js';
import { PeerToolError } from './errors.js';

/** @typedef {import('./types.d.ts').Peer} Peer */

/** What every pairing has. */
const DEFAULT_ALIAS = 'inbox';

/**
 * Those that there are: one that was ended is none any more.
 * @param {import('./types.d.ts').Api} api
 * @returns {Promise<Peer[]>}
 */
export async function knownPeers(api) {
  /** @type {{ peers: Peer[] }} */
  const { peers } = await api.get('/peers');
  return peers.filter(({ state }) => state !== 'revoked');
}

/** @param {Peer} peer */
const aliasesOf = ({ aliases = [{ alias: 'any' }] }) => aliases.map(({ alias }) => alias);

/**
 * Null for one that can be written to.
 * @param {Peer} peer
 */
export function obstacleOf(peer) {
  if (peer.state === 'provisional') return 'its pairing is not complete';
  if (peer.state === 'paused') return 'your human has paused it';
  if (!peer.hasOutboundToken) return 'your human has no token for it';
  return aliasesOf(peer).length === 0 ? 'your human has not allowed it' : null;
}

/** @param {string} alias */
const aliasWords = (alias) =>
  alias === 'any' ? 'any alias that it offers, "inbox" if you name none' : alias;

/** @param {Peer} peer */
export function peerLine(peer) {
  const why = obstacleOf(peer);
  if (why !== null) return `${peer.name}: cannot be written to, ${why}`;
  return `${peer.name}: ${aliasesOf(peer).map(aliasWords).join(', ')}`;
}

/** @param {Peer} peer */
export function peerDetails(peer) {
  const why = obstacleOf(peer);
  return { peer: peer.name, canWrite: why === null, aliases: aliasesOf(peer), why };
}

/**
 * Where a message goes that names no alias: the one that every pairing has, or the only one that there is.
 * @param {readonly Peer[]} peers
 * @param {unknown} name
 */
export function chooseAlias(peers, name) {
  if (typeof name !== 'string') throw wrongArgument('peer: is missing', 'peer_list shows the names');
  const peer = peers.find((one) => one.name === name);
  if (peer === undefined)
    throw new PeerToolError('peer-not-found', `no peer is called "${name}"`, 'See peer_list');
  const aliases = aliasesOf(peer);
  const [only, ...others] = aliases;
  if (only === undefined || aliases.includes('any') || aliases.includes(DEFAULT_ALIAS)) return DEFAULT_ALIAS;
  if (others.length === 0) return only;
  throw wrongArgument(`alias: "${name}" has more than one`, `Name one of: ${aliases.join(', ')}`);
}
