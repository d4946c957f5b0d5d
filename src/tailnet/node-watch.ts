import type { NodeId } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { Tailnet } from '../ports/tailnet.ts';

export interface NodeWatchDeps {
  readonly tailnet: Tailnet;
  readonly intervalMs: number;
  /** A node that was away, or that we could not have reached, is connected again. */
  readonly onBack: (nodeId: NodeId) => void;
}

/** With a tailscaled that does not serve, no node is within reach, whatever it remembers of them. */
async function onlineNow(tailnet: Tailnet): Promise<ReadonlySet<NodeId>> {
  try {
    const { backendState, peers } = await tailnet.status();
    if (backendState !== 'Running') return new Set();
    return new Set(peers.filter(({ online }) => online).map(({ nodeId }) => nodeId));
  } catch (error) {
    if (error instanceof AgentPeerError) return new Set();
    throw error;
  }
}

/**
 * Tells which nodes come back, so that what waits for them need not wait for its next attempt. Those that are there at the
 * first look have not come back. Returns the function that ends the watch.
 */
export function watchNodes({ tailnet, intervalMs, onBack }: NodeWatchDeps): () => void {
  let before: ReadonlySet<NodeId> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let over = false;

  const look = async (): Promise<void> => {
    const online = await onlineNow(tailnet);
    if (over) return;
    const back = before === null ? [] : [...online].filter((nodeId) => before?.has(nodeId) === false);
    before = online;
    for (const nodeId of back) onBack(nodeId);
    timer = setTimeout(() => void look(), intervalMs);
    timer.unref();
  };
  void look();
  return () => {
    over = true;
    if (timer !== null) clearTimeout(timer);
  };
}
