/** @typedef {import('./types.d.ts').Peer} Peer */

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

/** What keeps everything from being written to a peer, by the proxy's word for it. */
const OBSTACLES = new Map([
  ['clock-behind', "the clock of your human's machine is wrong"],
  ['peer-expired', 'its pairing has expired'],
  ['peer-paused', 'your human has paused it'],
  ['peer-provisional', 'its pairing is not complete'],
  ['peer-token-missing', 'your human has no token for it'],
  ['stack-paused', 'your human has paused everything'],
]);

/** Null for one that can be written to. @param {Peer} peer */
function whyNot({ obstacle }) {
  return obstacle === null ? null : (OBSTACLES.get(obstacle) ?? 'your human has not allowed it');
}

/** @param {string} alias */
const aliasWords = (alias) =>
  alias === 'any' ? 'any alias that it offers, "inbox" if you name none' : alias;

/** @param {Peer} peer */
export function peerLine(peer) {
  const why = whyNot(peer);
  if (why !== null) return `${peer.name}: cannot be written to, ${why}`;
  return `${peer.name}: ${peer.aliases.map(({ alias }) => aliasWords(alias)).join(', ')}`;
}

/** @param {Peer} peer */
export function peerDetails(peer) {
  const why = whyNot(peer);
  return { peer: peer.name, canWrite: why === null, aliases: peer.aliases.map(({ alias }) => alias), why };
}
