import { CLOCK_TOLERANCE_MS } from './decide.ts';
import type { MessageId } from './message.ts';
import type { NodeId, Peer } from './peer.ts';

/** This database was put back from a backup: what happened between the two instants, it has forgotten. */
export interface Restore {
  readonly takenAt: number;
  readonly restoredAt: number;
}

/** As long as a message lives at most here. Only for ids that do not tell when they were made. */
const LONGEST_ASKED_MS = 168 * 3_600_000;

const UUID = /^(?:tool-)?([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Makes a UUID of version 7 from one of version 4: it begins with its instant, and 74 random bits stay. */
export function stampUuid(uuid: string, now: number): string {
  const instant = now.toString(16).padStart(12, '0');
  return `${instant.slice(0, 8)}-${instant.slice(8)}-7${uuid.slice(15)}`;
}

/** When its sender made this id; null when it does not say. */
function madeAt(id: MessageId): number | null {
  return UUID.test(id) ? Number.parseInt(id.replace(UUID, '$1$2'), 16) : null;
}

export interface Received {
  readonly messageId: MessageId;
  /** When it was stored here. */
  readonly createdAt: number;
}

function mayBeForgotten({ messageId, createdAt }: Received, { restoredAt }: Restore): boolean {
  const made = madeAt(messageId);
  if (made !== null) return made <= restoredAt + CLOCK_TOLERANCE_MS;
  return createdAt <= restoredAt + LONGEST_ASKED_MS;
}

/**
 * The instant since which the session may have seen this message without the database knowing it; null when the database
 * knows. A sender that lies about when it made an id can only have its own message run twice.
 */
export function forgottenSince(message: Received, restores: readonly Restore[]): number | null {
  const since = restores.filter((restore) => mayBeForgotten(message, restore)).map(({ takenAt }) => takenAt);
  return since.length === 0 ? null : Math.min(...since);
}

/** A peer as the database that is there now has it. */
export interface PresentPeer {
  readonly name: string;
  readonly nodeId: string;
  readonly login: string;
  readonly isRevoked: boolean;
  readonly expiresAt: number | null;
  /** Of the tokens that it is to present from now on, not of one that runs out. */
  readonly digests: readonly string[];
}

/** Null: it comes back revoked. */
export type Return = Pick<Peer, 'nodeId' | 'login' | 'expiresAt'> | null;

/**
 * How a peer of the backup comes back. A token that is good no more at present must not be good again: it was revoked, or
 * another took its place. What the present database says of its node and its end counts too.
 */
export function comeBack(peer: Peer, present: readonly PresentPeer[]): Return {
  if (peer.state === 'revoked' || peer.state === 'provisional') return null;
  const own: readonly (string | undefined)[] = [peer.tokenDigest, peer.overlap?.digest];
  const same = present.find(({ digests }) => digests.some((digest) => own.includes(digest)));
  if (same !== undefined) {
    const { nodeId, login, expiresAt } = same;
    return same.isRevoked ? null : { nodeId: nodeId as NodeId, login, expiresAt };
  }
  const isReplaced = present.some(({ name, nodeId }) => name === peer.name || nodeId === peer.nodeId);
  return isReplaced ? null : peer;
}
