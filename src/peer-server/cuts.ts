import type { Socket } from 'node:net';
import type { NodeId, Peer, PeerName } from '../core/peer.ts';

/** Ends what a peer has open here, at once: a revoke must not wait for its time-outs. */
export interface Cuts {
  /** Aborts when the peer is cut: its waits are then judged again and refused. */
  signalOf(peer: PeerName): AbortSignal;
  /** A connection that came from this node. */
  note(nodeId: NodeId, socket: Socket): void;
  cut(peer: Pick<Peer, 'name' | 'nodeId'>): void;
}

/** Time for the refusals of what waits to be written; then its connections are closed whatever is on them. */
const FAREWELL_MS = 250;

export function createCuts(): Cuts {
  const waits = new Map<PeerName, AbortController>();
  const sockets = new Map<NodeId, Set<Socket>>();
  const forget = (nodeId: NodeId, socket: Socket): void => {
    const open = sockets.get(nodeId);
    open?.delete(socket);
    if (open?.size === 0) sockets.delete(nodeId);
  };
  return {
    signalOf: (peer) => {
      const wait = waits.get(peer) ?? new AbortController();
      waits.set(peer, wait);
      return wait.signal;
    },
    note: (nodeId, socket) => {
      const open = sockets.get(nodeId) ?? new Set<Socket>();
      if (open.has(socket)) return;
      sockets.set(nodeId, open.add(socket));
      socket.once('close', () => forget(nodeId, socket));
    },
    cut: ({ name, nodeId }) => {
      waits.get(name)?.abort();
      waits.delete(name);
      const open = [...(sockets.get(nodeId) ?? [])];
      setTimeout(() => open.forEach((socket) => socket.destroy()), FAREWELL_MS).unref();
    },
  };
}
