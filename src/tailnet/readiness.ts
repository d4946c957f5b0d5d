import { setTimeout as sleep } from 'node:timers/promises';
import { AgentPeerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports/machine.ts';
import type { Tailnet, TailnetNode, TailnetStatus } from '../ports/tailnet.ts';
import { obstacleOf, type Obstacle } from './backend-states.ts';
import { readAddresses, type ReadAddresses } from './interfaces.ts';
import { isUserspace, userspaceError } from './userspace.ts';

export interface ReadinessDeps {
  readonly tailnet: Tailnet;
  readonly waitMs: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly addresses?: ReadAddresses;
  readonly pollMs?: number;
}

type Ready = TailnetNode & { ipv4: string };

const POLL_MS = 250;

/** An obstacle, and whether it is tailscaled that named it. */
type Seen = Obstacle & { readonly silent?: true };

async function look(tailnet: Tailnet): Promise<TailnetStatus | Seen> {
  try {
    return await tailnet.status();
  } catch (error) {
    if (!(error instanceof AgentPeerError)) throw error;
    return { what: error.message, fix: error.fix, silent: true };
  }
}

function readyNode({ self }: TailnetStatus): Ready | null {
  return self?.ipv4 ? { ...self, ipv4: self.ipv4 } : null;
}

/** The own node, or why it cannot be used yet. Throws `tailnet-userspace`: no waiting makes that safe. */
async function attempt(tailnet: Tailnet, addresses: ReadAddresses): Promise<Ready | Seen> {
  const seen = await look(tailnet);
  if ('what' in seen) return seen;
  if (isUserspace(seen)) throw userspaceError();
  const own = addresses().map(({ address }) => address);
  const ready = readyNode(seen);
  return (
    obstacleOf(seen, own) ??
    ready ?? { what: 'status names no own node', fix: 'Restart the tailscale service' }
  );
}

/**
 * Waits until tailscaled is Running with a TUN device and this namespace really has our tailnet IPv4. Throws
 * AgentPeerError `tailnet-userspace` at once, and `tailnet-not-running` after `waitMs` or when the signal aborts. It
 * tells what tailscaled said last: one whose auth key is refused keeps stopping, and is mostly silent.
 */
export async function waitForTailnet(deps: ReadinessDeps): Promise<Ready> {
  const { tailnet, waitMs, log, clock, signal, addresses = readAddresses, pollMs = POLL_MS } = deps;
  const deadline = clock.now() + waitMs;
  let told = '';
  let named: Seen | null = null;
  for (;;) {
    const seen = await attempt(tailnet, addresses);
    if (!('what' in seen)) return seen;
    if (!seen.silent) named = seen;
    if (clock.now() >= deadline) {
      const { what, fix } = named ?? seen;
      throw new AgentPeerError('tailnet-not-running', what, fix);
    }
    if (seen.what !== told) log.info('tailnet-awaited', { waitingFor: seen.what });
    told = seen.what;
    await sleep(pollMs, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      throw new AgentPeerError(
        'tailnet-not-running',
        `the wait was ended: ${messageOf(error)}`,
        'Start it again',
      );
    });
  }
}
