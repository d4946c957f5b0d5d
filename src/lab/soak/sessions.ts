import type { Lab, PairedName } from '../lab.ts';
import { SOAK_ALIASES } from './plan.ts';

/** The session behind one alias that this peer has. */
export const soakSession = (peer: PairedName, alias: string): string => `agent:main:peer-${peer}-${alias}`;

/** Each side offers the other some sessions, so that turns run beside each other. */
export async function offerSessions({ stacks }: Lab): Promise<void> {
  for (const [name, peer] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    for (const alias of SOAK_ALIASES)
      await stacks[name].ask(['aliases', 'add', peer, alias, soakSession(peer, alias)]);
  }
}
