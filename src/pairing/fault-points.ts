/**
 * The moments of a pairing and of a change of tokens at which it matters what is on disk. Tests end the process at each
 * of them; in a running stack nothing happens there.
 */
export const FAULT_POINTS = [
  /** On the side that accepts. */
  'accept-stored',
  'claim-answered',
  'claim-answer-stored',
  /** On the side that made the invite. */
  'claim-permitted',
  'claim-stored',
  /** On either side. */
  'confirm-stored',
  'news-sent',
  'news-answered',
  'news-answer-stored',
  'news-heard',
  'news-stored',
  'rotation-made',
  'rotation-asked',
  'rotation-stored',
  'rotation-answered',
  'rotation-answer-stored',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Told when a moment is reached. */
export type ReachFault = (point: FaultPoint) => void;

export const NO_FAULTS = (): void => undefined;
