import { networkInterfaces } from 'node:os';

export interface LocalAddress {
  readonly address: string;
  readonly loopback: boolean;
}

/** Addresses that interfaces of this network namespace have now. */
export type ReadAddresses = () => readonly LocalAddress[];

export const readAddresses: ReadAddresses = () =>
  Object.values(networkInterfaces()).flatMap((entries = []) =>
    entries.map(({ address, internal }) => ({ address, loopback: internal })),
  );
