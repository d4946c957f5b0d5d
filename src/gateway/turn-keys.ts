const RUNS = 5;

/**
 * The gateway's names for the runs of one turn, in order. There is more than one because the gateway, when it stops
 * between accepting a turn and beginning it, keeps the turn as `interrupted`, never runs it, and refuses its key for
 * good. Nothing of the message reached the session then, and only a new key can bring it there.
 */
export function turnKeys(key: string): readonly string[] {
  return Array.from({ length: RUNS }, (_, index) => (index === 0 ? key : `${key}.${index + 1}`));
}
