import { receivedId, sentId, type ComparedLine } from './audit-messages.ts';
import { parsed, problem, type Parsed } from './parsed.ts';

type Lines = readonly ComparedLine[];

/** The two owners' names for each other; null in a log without a message of anybody. */
export interface Parties {
  /** What the other owner is called here. */
  readonly here: string | null;
  /** What this stack is called there. */
  readonly there: string | null;
}

interface Exchanged {
  readonly peer: string;
  /** With who sent it, for an id is the sender's own. */
  readonly message: string;
}

function exchanged(lines: Lines, here: string, there: string): readonly Exchanged[] {
  return lines.flatMap((line) => {
    const sent = sentId(line);
    const received = line.allowed ? receivedId(line) : null;
    if (line.peer === null || (sent === null && received === null)) return [];
    return [{ peer: line.peer, message: sent === null ? `${there} ${received}` : `${here} ${sent}` }];
  });
}

/** Those with a message that the other log has too; if there is no such message, all. */
function candidates(own: readonly Exchanged[], other: readonly Exchanged[]): readonly string[] {
  const known = new Set(other.map(({ message }) => message));
  const common = own.filter(({ message }) => known.has(message));
  return [...new Set((common.length > 0 ? common : own).map(({ peer }) => peer))];
}

/**
 * Whose messages are to be compared. Otherwise each message of a third one, in either log, would look like one that the
 * other is missing.
 * @param wanted the other owner's name here, when it was given
 */
export function findParties(here: Lines, there: Lines, wanted: string | null): Parsed<Parties> {
  const theirs = exchanged(there, 'there', 'here');
  const ours = exchanged(here, 'here', 'there').filter(({ peer }) => wanted === null || peer === wanted);
  const [name = null, ...moreNames] = candidates(ours, theirs);
  const [nameThere = null, ...moreThere] = candidates(theirs, ours);
  if (moreNames.length > 0) {
    const what = 'this log has messages of several peers, and it is not clear whose log FILE is';
    return problem('--peer', what, 'Name the peer');
  }
  if (moreThere.length > 0) {
    const what = 'has messages of several peers, and it is not clear which of them is this stack';
    return problem('FILE', what, 'Let its owner export it with --peer and their name for you');
  }
  return parsed({ here: wanted ?? name, there: nameThere });
}
