import type { SendBack } from '../../src/delivery/send-back.ts';

/** For stacks whose peers all ask for their replies. */
export const NO_SEND_BACK: SendBack = { make: () => null, stored: () => undefined };
