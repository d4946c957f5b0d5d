import type { DeliveryFaultPoint } from '../../src/delivery/fault-points.ts';

/** The moments of delivery on the side that sends, in the order in which a message comes to them. */
export const SENDER_POINTS: readonly DeliveryFaultPoint[] = [
  'submit-stored',
  'offer-begun',
  'offer-sent',
  'receipt-answered',
  'receipt-stored',
  'reply-asked',
  'reply-answered',
  'reply-stored',
];
