/** ISO 8601 in UTC. */
export const at = (instant: number): string => new Date(instant).toISOString();

export const atOrNever = (instant: number | null): string | null => (instant === null ? null : at(instant));
