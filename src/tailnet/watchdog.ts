import { AgentPeerError } from '../errors.ts';
import type { Tailnet, TailnetStatus } from '../ports/tailnet.ts';
import { readAddresses, type ReadAddresses } from './interfaces.ts';
import { isUserspace, userspaceError } from './userspace.ts';

export interface WatchdogDeps {
  readonly tailnet: Tailnet;
  /** The address that the peer listener has. */
  readonly ipv4: string;
  readonly intervalMs: number;
  readonly onDead: (error: AgentPeerError) => void;
  readonly addresses?: ReadAddresses;
}

/** A restart of the tailscale container takes the interface away for seconds and is none of our business. */
const STRIKES = 3;

function dead(what: string): AgentPeerError {
  return new AgentPeerError(
    'namespace-dead',
    what,
    'The proxy exits so that its restart policy starts it in the live one',
  );
}

/** With tailscaled Running, says what of the address we listen on is no longer true; null when all is well. */
function mismatch(status: TailnetStatus, ipv4: string, addresses: readonly string[]): string | null {
  const now = status.self?.ipv4 ?? null;
  if (status.backendState !== 'Running' || now === null) return null;
  if (now !== ipv4)
    return `the tailnet address of this node became ${now}, but the peer listener has ${ipv4}`;
  return addresses.includes(ipv4) ? null : `tailscaled runs with ${ipv4}, but no interface here has it`;
}

/** tailscaled not answering is a restart or an outage of its own: it tells nothing about this namespace. */
async function statusIfAnswered(tailnet: Tailnet): Promise<TailnetStatus | null> {
  try {
    return await tailnet.status();
  } catch (error) {
    if (error instanceof AgentPeerError) return null;
    throw error;
  }
}

/**
 * Watches for a network namespace that is dead while loopback in it still works, so that no health check on
 * 127.0.0.1 shows it: the container that owned the namespace was replaced. Calls `onDead` once, with `namespace-dead`
 * or `tailnet-userspace`. Returns the function that ends the watch.
 */
export function watchNamespace(deps: WatchdogDeps): () => void {
  const { tailnet, ipv4, intervalMs, onDead, addresses = readAddresses } = deps;
  let strikes = 0;
  let timer: NodeJS.Timeout | null = null;
  let over = false;

  const check = async (): Promise<AgentPeerError | null> => {
    const local = addresses();
    if (local.every(({ loopback }) => loopback))
      return dead('this network namespace has no interface but loopback');
    const status = await statusIfAnswered(tailnet);
    if (status === null) strikes = 0;
    if (status === null) return null;
    if (isUserspace(status)) return userspaceError();
    const wrong = mismatch(
      status,
      ipv4,
      local.map(({ address }) => address),
    );
    strikes = wrong === null ? 0 : strikes + 1;
    return wrong !== null && strikes >= STRIKES ? dead(wrong) : null;
  };
  const end = () => {
    over = true;
    if (timer !== null) clearTimeout(timer);
  };
  const next = () => {
    timer = setTimeout(() => void tick(), intervalMs);
    timer.unref();
  };
  const tick = async () => {
    const error = await check();
    if (over) return;
    if (error === null) next();
    else {
      end();
      onDead(error);
    }
  };
  next();
  return end;
}
