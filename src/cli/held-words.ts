import type { HoldReason, Waiting } from '../core/hold.ts';

const WHY: Readonly<Record<HoldReason, string>> = {
  grant: 'the owner wants to look at it',
  'looks-secret': 'it looks as if it had a secret in it',
  'hop-limit': 'its chain has crossed too many machines',
  'turns-per-hour': 'too many turns in an hour',
  'turns-per-day': 'too many turns in a day',
  'turns-per-conversation': 'too many turns in this conversation',
  'bytes-per-day': 'too many bytes in a day',
};

export interface HeldMessage {
  readonly direction?: 'inbound' | 'outbound';
  readonly peer: string;
}

export const whyWords = ({ reason }: Pick<Waiting, 'reason'>): string => WHY[reason];

export function waiterWords({ place }: Pick<Waiting, 'place'>, { peer }: HeldMessage): string {
  return place === 'here' ? 'you' : `the owner of ${peer}`;
}

/** Whose words wait: of a message, or of the reply that went the other way. */
export function whoseWords({ what }: Pick<Waiting, 'what'>, { direction, peer }: HeldMessage): string {
  const isOurs = direction !== 'inbound';
  if (what === 'message') return isOurs ? `our message to ${peer}` : `a message of ${peer}`;
  return isOurs ? `the reply of ${peer}` : `our reply to ${peer}`;
}

/** On one line: what waits, for whom and why. */
export function heldWords(waiting: Waiting, message: HeldMessage): string {
  const { reason } = waiting;
  return `${whoseWords(waiting, message)} waits for ${waiterWords(waiting, message)}: ${whyWords(waiting)} (${reason})`;
}
