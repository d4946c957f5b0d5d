import type { TailnetStatus } from '../ports/tailnet.ts';

export interface Obstacle {
  /** What keeps the tailnet from being used. */
  readonly what: string;
  readonly fix: string;
}

const LOGS = 'docker compose logs tailscale';

const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  NeedsLogin: {
    what: 'tailscaled needs a login (state NeedsLogin): its auth key is missing, used up or expired',
    fix: `Put a fresh auth key into the auth key file and restart the tailscale service, or open the login URL in ${LOGS}`,
  },
  NeedsMachineAuth: {
    what: 'this machine waits for approval (state NeedsMachineAuth)',
    fix: 'Approve the machine in the admin console of the tailnet, or use a pre-approved auth key',
  },
  Stopped: {
    what: 'tailscaled is switched off (state Stopped)',
    fix: 'Restart the tailscale service: docker compose restart tailscale',
  },
};

function starting(state: string): Obstacle {
  return {
    what: `tailscaled is not connected yet (state ${state}): the control server may be out of reach`,
    fix: `Check this machine's internet connection and the login server: ${LOGS}`,
  };
}

/**
 * Why the tailnet cannot be used now; null when it can. `addresses` are those that local interfaces really have:
 * status names an own address before the interface has it, and after the interface is gone.
 */
export function obstacleOf(status: TailnetStatus, addresses: readonly string[]): Obstacle | null {
  if (status.backendState !== 'Running') {
    return OBSTACLES[status.backendState] ?? starting(status.backendState);
  }
  const ipv4 = status.self?.ipv4 ?? null;
  if (ipv4 === null) {
    return { what: 'this node has no IPv4 address in the tailnet', fix: `Look for the reason in ${LOGS}` };
  }
  if (addresses.includes(ipv4)) return null;
  return {
    what: `the tailnet address ${ipv4} is on no interface of this namespace`,
    fix: `Run proxy and tailscale in one network namespace, with /dev/net/tun and NET_ADMIN for tailscale: ${LOGS}`,
  };
}
