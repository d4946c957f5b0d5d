import { AgentPeerError } from '../errors.ts';
import type { Tailnet, TailnetNode, TailnetStatus } from '../ports/tailnet.ts';

/** Throws AgentPeerError `tailnet-unavailable`, `tailnet-not-running`. */
export async function tailnetNow(
  tailnet: Pick<Tailnet, 'status'>,
): Promise<TailnetStatus & { readonly self: TailnetNode & { readonly ipv4: string } }> {
  const status = await tailnet.status();
  const { self } = status;
  if (status.backendState === 'Running' && self?.ipv4) {
    return { ...status, self: { ...self, ipv4: self.ipv4 } };
  }
  const what = `this node is not on the tailnet now (state ${status.backendState})`;
  throw new AgentPeerError('tailnet-not-running', what, 'See agent-peer status');
}
