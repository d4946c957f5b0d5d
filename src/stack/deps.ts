import type { Config } from '../config/env.ts';
import { AgentPeerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { DeliveryFaultPoint } from '../delivery/fault-points.ts';
import type { FaultPoint } from '../pairing/fault-points.ts';
import type { ReadAddresses } from '../tailnet/interfaces.ts';

export type Reach = (point: FaultPoint | DeliveryFaultPoint) => void;

export interface StackDeps {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** Ends the waiting at the start. */
  readonly signal: AbortSignal;
  /** Told once when this process can no longer do its work where it is. */
  readonly onDead: (error: AgentPeerError) => void;
  /** Told at each fault point; for tests that end the process there. */
  readonly reach?: Reach;
  /** What stands in for the interfaces of the network namespace, in tests. */
  readonly addresses?: ReadAddresses;
}

export interface RunningStack {
  /** Takes nothing new, brings what is under way to disk, and closes all. */
  stop(): Promise<void>;
}
