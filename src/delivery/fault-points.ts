/* The moments in the life of a message at which it matters what is on disk. Tests end the process at each of them; in a
 * running stack nothing happens there. */

/** On the side that sends, in the order in which a message comes to them. */
export const SENDER_POINTS = [
  'submit-stored',
  'offer-begun',
  'offer-sent',
  'receipt-answered',
  'receipt-stored',
  'reply-asked',
  'reply-answered',
  'reply-stored',
] as const;

/** On the side that receives. */
const RECEIVER_POINTS = [
  'accept-stored',
  'turn-begun',
  'turn-sent',
  'turn-taken',
  'turn-ended',
  'turn-stored',
  'look-begun',
  'look-ended',
  'look-stored',
] as const;

export const DELIVERY_FAULT_POINTS = [...SENDER_POINTS, ...RECEIVER_POINTS] as const;
export type DeliveryFaultPoint = (typeof DELIVERY_FAULT_POINTS)[number];

/** Told when a moment is reached. */
export type ReachDeliveryFault = (point: DeliveryFaultPoint) => void;
