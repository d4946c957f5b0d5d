import { WAIT_LIMIT_MS } from '../core/peer-wire.ts';
import { judgeSubmit } from '../delivery/obstacle.ts';
import { createPeersMount } from '../loopback-peers/mount.ts';
import type { PeersMountParts } from '../loopback-peers/parts.ts';
import type { Log } from '../log.ts';
import type { Clock, Digests } from '../ports/machine.ts';
import type { Store } from '../store/open.ts';

interface Given extends Pick<PeersMountParts, 'messages' | 'control' | 'reads' | 'audit'> {
  readonly digests: Digests;
  readonly clock: Clock;
  readonly log: Log;
  readonly bodyBytes: number;
}

/** Peers as local A2A servers, beside the loopback API. */
export function peersMount(
  { outbox, peers }: Pick<Store, 'outbox' | 'peers'>,
  { bodyBytes, ...given }: Given,
) {
  const { clock } = given;
  return createPeersMount({
    ...given,
    outbox,
    judge: (to) => {
      const judged = judgeSubmit({ peers, clock }, to, false);
      return judged.kind === 'permitted' ? null : judged.obstacle;
    },
    policy: () => peers.policy(),
    limits: { bodyBytes, waitMs: WAIT_LIMIT_MS },
  });
}
