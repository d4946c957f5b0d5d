import { AgentPeerError } from '../errors.ts';
import type { TailnetStatus } from '../ports/tailnet.ts';

/** True once tailscaled runs and says that it has no TUN device; before that it may not have made it yet. */
export function isUserspace(status: TailnetStatus): boolean {
  return status.backendState === 'Running' && !status.tun;
}

export function userspaceError(): AgentPeerError {
  return new AgentPeerError(
    'tailnet-userspace',
    'tailscaled runs in userspace mode, where every port on 127.0.0.1 here, the gateway included, answers the whole tailnet',
    'Set TS_USERSPACE=false for the tailscale service and give it /dev/net/tun and NET_ADMIN',
  );
}
