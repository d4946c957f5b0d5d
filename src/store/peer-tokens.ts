import type { TokenStore } from '../ports/policy-store.ts';
import type { PeerTable } from './peer-table.ts';

/** Each runs in a transaction of its caller's. */
export function createPeerTokens(table: PeerTable): Pick<TokenStore, 'overlap' | 'presented'> {
  const overlap: TokenStore['overlap'] = (name, { token, digest }, now) => {
    const peer = table.must(name);
    if (peer.overlap?.until != null && peer.overlap.until > now) return null;
    // The peer may have heard of the earlier one: to make another would leave it with one that is nobody's.
    const earlier = peer.overlap?.until === null ? table.untold(name) : null;
    if (earlier !== null) return earlier;
    table.update({ ...peer, overlap: { digest, until: null } });
    table.putUntold(name, token);
    return token;
  };

  const presented: TokenStore['presented'] = (name, digest, { now, graceMs }) => {
    const peer = table.must(name);
    if (peer.overlap?.until === null && peer.overlap.digest === digest) {
      const before = { digest: peer.tokenDigest, until: now + graceMs };
      table.update({ ...peer, tokenDigest: digest, overlap: before });
      table.putUntold(name, null);
    } else if (peer.overlap === null && peer.tokenDigest === digest && table.untold(name) !== null) {
      table.putUntold(name, null);
    }
  };

  return { overlap, presented };
}
