/**
 * The form in which a gateway stores a session key, step by step as OpenClaw 2026.9.6 makes it
 * (`normalizeSessionKeyPreservingOpaquePeerIds`), its oddities included: two parts that disagree about the form of a
 * key disagree about which session it names.
 */

/** A stretch of a key whose case the gateway keeps. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** The ids of a Signal group (base64) and of a Matrix room differ from others by case alone. */
const SIGNAL_GROUP = /(?:^|:)signal:group:([^:]+)/gi;
const MATRIX_ROOM = /^agent:[^:]*:matrix:(?:channel|group):/i;
const THREAD_MARK = ':thread:';

function signalSpans(key: string): readonly Span[] {
  return [...key.matchAll(SIGNAL_GROUP)].map(({ index, 0: shape, 1: id = '' }) => {
    const end = index + shape.length;
    return { start: end - id.length, end };
  });
}

/** All behind the shape of a room, but the mark before the last thread id. */
function matrixSpans(key: string): readonly Span[] {
  const start = MATRIX_ROOM.exec(key)?.[0].length;
  if (start === undefined) return [];
  const mark = key.slice(start).toLowerCase().lastIndexOf(THREAD_MARK);
  if (mark === -1) return [{ start, end: key.length }];
  return [
    { start, end: start + mark },
    { start: start + mark + THREAD_MARK.length, end: key.length },
  ];
}

/**
 * The white space of `trim` goes from both ends, and the rest is lower-cased. There is no Unicode normalisation; the
 * Kelvin sign is the one character outside ASCII that lower-casing turns into an ASCII one.
 */
export function storedForm(raw: string): string {
  const key = raw.trim();
  let form = '';
  let done = 0;
  for (const { start, end } of [...signalSpans(key), ...matrixSpans(key)].sort((a, b) => a.start - b.start)) {
    if (start < done) continue;
    form += key.slice(done, start).toLowerCase() + key.slice(start, end);
    done = end;
  }
  return form + key.slice(done).toLowerCase();
}
