import { DEFAULT_ALIAS } from '../core/alias.ts';
import { AgentPeerError, type ErrorCode } from '../errors.ts';
import type { PeerDetailView } from '../local-server/peer-views.ts';
import type { Api } from './api.ts';
import { part } from './command.ts';
import { poll } from './polling.ts';

/** With the peer's answer, and what it offers: that is told only while the pairing is under way. */
export interface Pairing {
  readonly detail: PeerDetailView;
  readonly offered: readonly string[] | null;
}

const PAIRING_MS = 60_000;
const GONE: readonly ErrorCode[] = ['peer-not-found', 'peer-not-active'];

function ended(name: string): AgentPeerError {
  return new AgentPeerError(
    'pairing-ended',
    `the pairing with "${name}" was given up: by its owner, or because it was not confirmed in time`,
    'Nothing is granted. Begin anew with agent-peer invite create, on either machine',
  );
}

/** A pairing that was given up leaves no peer. */
async function unlessGone<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AgentPeerError && GONE.includes(error.code)) throw ended(name);
    throw error;
  }
}

/** Throws AgentPeerError `pairing-ended`. */
export async function lookAt(api: Api, name: string, before?: Pairing): Promise<Pairing> {
  const detail = await unlessGone(name, () => api.get<PeerDetailView>(`/peers/${part(name)}`));
  if (detail.peer.state === 'revoked') throw ended(name);
  return { detail, offered: detail.pairing?.offered ?? before?.offered ?? null };
}

/** Agrees to the node that was shown, and no other. */
export async function confirmShown(api: Api, { detail: { peer }, offered }: Pairing): Promise<Pairing> {
  const { name, nodeId } = peer;
  const path = `/peers/${part(name)}/confirm`;
  const detail = await api.post<PeerDetailView>(path, { nodeId }, PAIRING_MS);
  return { detail, offered: detail.pairing?.offered ?? offered };
}

/** The same in the middle of a pairing. Throws AgentPeerError `pairing-ended`. */
export const agree = (api: Api, pairing: Pairing): Promise<Pairing> =>
  unlessGone(pairing.detail.peer.name, () => confirmShown(api, pairing));

export const isComplete = ({ detail }: Pairing): boolean => detail.pairing === null;

export const needsAgreement = ({ detail }: Pairing): boolean => detail.pairing?.ownConfirmed === false;

/** How it is when it is complete, or when the time is up. Throws AgentPeerError `pairing-ended`. */
export async function untilComplete(api: Api, pairing: Pairing, deadline: number): Promise<Pairing> {
  if (isComplete(pairing)) return pairing;
  let current = pairing;
  const { name } = pairing.detail.peer;
  const look = async () => {
    current = await lookAt(api, name, pairing);
    return isComplete(current) ? current : null;
  };
  await api.progress.during(`waiting for ${name}`, () => poll(look, deadline));
  return current;
}

/** What keeps a pairing from being complete, after this owner has agreed. */
export function waitingError({ detail: { peer, pairing } }: Pairing): AgentPeerError {
  const until = pairing?.expiresAt ? `, at most until ${pairing.expiresAt}` : '';
  const what = pairing?.otherConfirmed
    ? `both owners have agreed, and ${peer.name} was not reached since`
    : `${peer.name}'s owner has not agreed yet`;
  const fix = `It goes on by itself${until}. Look with: agent-peer peers show ${peer.name}`;
  return new AgentPeerError('pairing-waiting', what, fix);
}

/** With the first thing to try. */
export function completeNote({ detail: { peer, grants }, offered }: Pairing): string {
  const mayWrite = grants.some(({ direction }) => direction === 'outbound');
  const said = `${peer.name} is a peer now.`;
  if (!mayWrite) return `${said} It offers nothing to write to.`;
  const [first = DEFAULT_ALIAS] = offered ?? [];
  const alias = offered?.includes(DEFAULT_ALIAS) ? DEFAULT_ALIAS : first;
  return `${said} Try: agent-peer send ${peer.name} ${alias} "Hello" --wait`;
}
