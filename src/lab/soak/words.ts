import type { PairedName } from '../lab.ts';
import type { FaultKind, PlannedFault } from './plan.ts';

const WORDS: Readonly<Record<FaultKind, string>> = {
  proxy: 'kill of the proxy',
  gateway: 'kill of the gateway',
  tailscale: 'kill of tailscale',
  cut: 'cut of the network',
  quiet: 'quiet',
};

export function faultName({
  kind,
  stacks,
}: {
  readonly kind: FaultKind;
  readonly stacks: readonly PairedName[];
}): string {
  return `${WORDS[kind]} at ${stacks.join(' and ')}`;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** One line a fault, the same for the same plan. */
export function faultWords(fault: PlannedFault): string {
  return `${seconds(fault.atMs).padStart(8)}  ${faultName(fault)}, for ${seconds(fault.forMs)}`;
}
