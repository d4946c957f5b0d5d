/** Whoever asks for more is asked again all the same: a peer's wrong clock must not silence it for days. */
const LONGEST_MS = 3_600_000;

const SECONDS = /^\d{1,10}$/;
/** Only the form that HTTP has had since 1995: what Date.parse takes beside it is no promise of anybody's. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function waitOf(header: string, now: number): number {
  if (SECONDS.test(header)) return Number(header) * 1000;
  return HTTP_DATE.test(header) ? Date.parse(header) - now : Number.NaN;
}

/** How long a `Retry-After` asks us to stay away: seconds, or a date by our own clock. Null when it says nothing. */
export function readRetryAfter(header: string | undefined, now: number): number | null {
  const waitMs = header === undefined ? Number.NaN : waitOf(header.trim(), now);
  return Number.isNaN(waitMs) ? null : Math.min(LONGEST_MS, Math.max(0, waitMs));
}
