import { parseAlias } from '../core/alias.ts';
import type { Grant } from '../core/grant.ts';
import type { Parsed } from '../core/parsed.ts';
import { parsePeerName, type Peer, type PeerName } from '../core/peer.ts';
import { isMainSession, parseSessionKey } from '../core/session-key.ts';
import { newPeerToken } from '../digests.ts';
import { AgentPeerError, fromProblem, type ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Digests, PeerAdmin, PeerStore, Tailnet, TailnetNode } from '../ports.ts';
import { findNode } from './find-node.ts';

export interface PeerAdminParts {
  readonly peers: PeerStore;
  readonly tailnet: Pick<Tailnet, 'status'>;
  readonly digests: Digests;
  readonly log: Log;
}

const TOKEN = /^apt_[A-Za-z0-9_-]{43}$/;

function must<T>(code: ErrorCode, result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw fromProblem(code, result.problem);
}

function known(peers: PeerStore, raw: string): Peer {
  const peer = peers.findPeer(must('peer-not-found', parsePeerName(raw)));
  if (peer !== null) return peer;
  throw new AgentPeerError(
    'peer-not-found',
    `no peer is called "${raw}"`,
    '`agent-peer peers list` shows them all',
  );
}

function checkFree(peers: PeerStore, name: PeerName, node?: TailnetNode): void {
  for (const peer of peers.listPeers()) {
    if (peer.name === name) {
      throw new AgentPeerError(
        'peer-exists',
        `there is a peer called "${name}" already`,
        'Choose another name',
      );
    }
    if (peer.nodeId === node?.nodeId && peer.state === 'active') {
      throw new AgentPeerError(
        'peer-exists',
        `that node is the peer "${peer.name}" already`,
        'Use that peer',
      );
    }
  }
}

async function add({ peers, tailnet, digests, log }: PeerAdminParts, rawName: string, rawNode: string) {
  const name = must('input-invalid', parsePeerName(rawName));
  checkFree(peers, name);
  const node = findNode(rawNode, await tailnet.status());
  checkFree(peers, name, node);
  const token = newPeerToken();
  const peer: Peer = {
    name,
    nodeId: node.nodeId,
    login: node.login,
    tokenDigest: digests.token(token),
    state: 'active',
  };
  peers.addPeer(peer);
  log.info('peer-added', { peer: name, nodeId: node.nodeId, login: node.login });
  return { peer, token };
}

/** Both directions have a token, and the two are easily mixed up when they are passed on by hand. */
function storeToken({ peers, digests, log }: PeerAdminParts, rawName: string, rawToken: string): void {
  const { name } = known(peers, rawName);
  const token = rawToken.trim();
  const fix = `Paste the token that the owner of "${name}" made for this stack`;
  if (!TOKEN.test(token)) throw new AgentPeerError('input-invalid', 'that is not a peer token (apt_…)', fix);
  const digest = digests.token(token);
  if (peers.listPeers().some(({ tokenDigest }) => tokenDigest === digest)) {
    throw new AgentPeerError(
      'input-invalid',
      'that is a token made here, for a peer to present to this stack',
      fix,
    );
  }
  peers.putOutboundToken(name, token);
  log.info('peer-token-stored', { peer: name });
}

function warningsFor({ peer, alias, sessionKey }: Grant, before: readonly Grant[]): readonly string[] {
  const warnings: string[] = [];
  if (isMainSession(sessionKey)) {
    warnings.push(`${sessionKey} is the main session: "${peer}" will write where you talk to your agent`);
  }
  const replaced = before.find((grant) => grant.alias === alias);
  if (replaced !== undefined && replaced.sessionKey !== sessionKey) {
    warnings.push(`"${alias}" was ${replaced.sessionKey} for "${peer}" until now`);
  }
  return warnings;
}

function grant({ peers, log }: PeerAdminParts, rawPeer: string, rawAlias: string, rawKey: string) {
  const given: Grant = {
    peer: known(peers, rawPeer).name,
    alias: must('alias-invalid', parseAlias(rawAlias)),
    sessionKey: must('session-key-invalid', parseSessionKey(rawKey)),
  };
  const warnings = warningsFor(given, peers.listGrants(given.peer));
  peers.putGrant(given);
  log.info('grant-put', { ...given });
  return { grant: given, warnings };
}

/** Pairing without an invitation: each owner names the other's node, and the two tokens are passed on by hand. */
export function createPeerAdmin(parts: PeerAdminParts): PeerAdmin {
  const { peers } = parts;
  return {
    add: (name, node) => add(parts, name, node),
    storeToken: (name, token) => storeToken(parts, name, token),
    list: () =>
      peers
        .listPeers()
        .map((peer) => ({ ...peer, hasOutboundToken: peers.outboundToken(peer.name) !== null })),
    grant: (peer, alias, sessionKey) => grant(parts, peer, alias, sessionKey),
    grants: (peer) => peers.listGrants(peer === undefined ? undefined : known(peers, peer).name),
  };
}
