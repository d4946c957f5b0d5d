import type { InboundGrant } from '../core/grant.ts';
import { AgentPeerError } from '../errors.ts';
import type { Clock } from '../ports/machine.ts';
import type { PeerConfig, PeerConfigs } from '../ports/peer-config.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import type { Tailnet, TailnetNode } from '../ports/tailnet.ts';
import { inboundGrants } from './grant-warnings.ts';
import { knownPeer } from './known-peer.ts';
import { tailnetNow } from './own-node.ts';
import { urlOf } from './peer-config.ts';

export interface PeerConfigParts {
  readonly peers: Pick<PeerStore, 'findPeer' | 'listGrants'>;
  readonly tailnet: Pick<Tailnet, 'status'>;
  readonly clock: Clock;
  /** What this stack is called. */
  readonly name: string;
  /** The port of the peer listener, here and at every peer. */
  readonly port: number;
}

const ANEW =
  'Ask its owner for a new export; or look at the node yourself, and use agent-peer peers add --node';

function mismatch(what: string): AgentPeerError {
  return new AgentPeerError('input-invalid', what, ANEW);
}

const bare = (dnsName: string) => dnsName.toLowerCase().replace(/\.$/, '');

/** A file may come by a way that somebody else can write to: who reads "bob" in it must not get another node. */
function checkIsOne({ dnsName, ipv4 }: PeerConfig['node'], node: TailnetNode): void {
  if (bare(dnsName) !== bare(node.dnsName))
    throw mismatch(`node ${node.nodeId} is not ${dnsName}: the tailnet calls it ${node.dnsName}`);
  if (ipv4 !== node.ipv4)
    throw mismatch(
      `node ${node.nodeId} does not have the address ${ipv4}: the tailnet gives it ${node.ipv4 ?? 'none'}`,
    );
}

async function check({ tailnet, port: ownPort }: PeerConfigParts, { node: said, port }: Reached) {
  const { self, peers } = await tailnetNow(tailnet);
  if (said.nodeId === self.nodeId) throw mismatch('it describes this very stack');
  const node = peers.find(({ nodeId }) => nodeId === said.nodeId);
  if (node === undefined) {
    const what = `node ${said.nodeId} (${said.dnsName}) is not on this tailnet`;
    const fix = 'Join one tailnet, or have the nodes shared with each other';
    throw new AgentPeerError('node-not-found', what, fix);
  }
  checkIsOne(said, node);
  if (port === ownPort) return;
  const what = `the other stack listens on port ${port} and this one on ${ownPort}`;
  throw new AgentPeerError('input-invalid', what, 'Set AGENT_PEER_PORT to the same on both machines');
}

type Reached = Parameters<PeerConfigs['check']>[0];

function isOpen({ operations, expiresAt }: InboundGrant, now: number): boolean {
  return operations.includes('message-send') && (expiresAt === null || now < expiresAt);
}

async function own({ peers, tailnet, clock, name, port }: PeerConfigParts, raw: string | undefined) {
  const grants = raw === undefined ? [] : inboundGrants(peers.listGrants(knownPeer(peers, raw).name));
  const { nodeId, dnsName, ipv4 } = (await tailnetNow(tailnet)).self;
  const config: PeerConfig = {
    format: 1,
    name,
    node: { nodeId, dnsName, ipv4 },
    port,
    aliases: grants
      .filter((grant) => isOpen(grant, clock.now()))
      .map(({ alias }) => ({ alias, url: urlOf({ ipv4, port }, alias) })),
  };
  return config;
}

/** Pairing by hand, with a file in place of an invite. */
export function createPeerConfigs(parts: PeerConfigParts): PeerConfigs {
  return { own: (peer) => own(parts, peer), check: (said) => check(parts, said) };
}
