import { parseNote } from '../core/hold.ts';
import { stepOf, type InboxEvent } from '../core/inbox.ts';
import type { TaskId } from '../core/message.ts';
import { outboxStep, type OutboxEvent } from '../core/outbox.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError, fromProblem } from '../errors.ts';
import type { AuditLog } from '../ports/audit.ts';
import type { HeldItem, Holds } from '../ports/holds.ts';
import type { Clock, Digests } from '../ports/machine.ts';
import type { InboxMessage, InboxStore, OutboxMessage, OutboxStore } from '../ports/messages.ts';
import { countHeld, heldInbound, heldOutbound, listHeld, type HeldParts } from './held-items.ts';
import { recordDecision, type OwnerDecision } from './owner-decisions.ts';
import type { MakeReplyTurn } from './reply-turn.ts';
import type { SendBack } from './send-back.ts';

export interface HoldsParts {
  readonly outbox: HeldParts['outbox'] & Pick<OutboxStore, 'find' | 'apply'>;
  readonly inbox: HeldParts['inbox'] & Pick<InboxStore, 'find' | 'apply'>;
  readonly audit: AuditLog;
  readonly digests: Pick<Digests, 'text'>;
  readonly clock: Clock;
  /** Makes the row that brings a reply into the session that its message names. */
  readonly replyTurn: MakeReplyTurn;
  readonly sendBack: SendBack;
  readonly wakeSender: (peer: PeerName) => void;
  readonly wakeInbox: () => void;
  /** Told of each message that changed, so that who waits for it is answered. */
  readonly onOutboundChange: (message: OutboxMessage) => void;
  readonly onInboundChange: (message: InboxMessage) => void;
}

type Found =
  | { readonly direction: 'outbound'; readonly message: OutboxMessage; readonly item: HeldItem }
  | { readonly direction: 'inbound'; readonly message: InboxMessage; readonly item: HeldItem };

function notHeld(what: string): AgentPeerError {
  return new AgentPeerError('hold-not-found', what, '`agent-peer held list` shows what waits for a person');
}

/** Held or not; null where there is no such message. */
function messageWith({ outbox, inbox }: HoldsParts, id: string) {
  const ours = outbox.find(id);
  if (ours !== null) return { direction: 'outbound', message: ours, item: heldOutbound(ours) } as const;
  const theirs = inbox.find(id as TaskId);
  if (theirs === null) return null;
  return { direction: 'inbound', message: theirs, item: heldInbound(theirs) } as const;
}

function found(parts: HoldsParts, id: string): Found {
  const one = messageWith(parts, id);
  if (one === null) throw notHeld(`nothing that is held has the id "${id}"`);
  const { item, message } = one;
  if (item === null) throw notHeld(`${id} is not held, it is ${message.state}`);
  // Whoever ends what is over may not have come to it yet, and a yes must not be faster.
  if (item.until <= parts.clock.now()) throw notHeld(`the time of ${id} was over before it was decided`);
  return { ...one, item };
}

function forOtherOwner({ peer }: HeldItem, isReleased: boolean): AgentPeerError {
  const already = isReleased ? 'it was let go on from here already, and ' : '';
  return new AgentPeerError(
    'hold-elsewhere',
    `${already}it waits for the owner of "${peer}", not for you`,
    `Ask the owner of "${peer}", who has it under: agent-peer held list`,
  );
}

/** What a yes is for this message. Throws AgentPeerError where the yes is another owner's. */
function yesTo({ item, message }: Found): 'approved' | 'released' {
  if (item.place === 'here') return 'approved';
  if (item.reason !== 'hop-limit' || message.isReleased) throw forOtherOwner(item, message.isReleased);
  return 'released';
}

function changeOutbound(parts: HoldsParts, message: OutboxMessage, event: OutboxEvent): void {
  const now = parts.clock.now();
  const at = { now, nextAttemptAt: now, replyTurn: parts.replyTurn };
  const after = parts.outbox.apply(message.id, event, at);
  parts.onOutboundChange(after);
  if (outboxStep(after.state) !== 'nothing') parts.wakeSender(after.peer);
  // The reply may be a message in a session now.
  if (after.state === 'answered') parts.wakeInbox();
}

function changeInbound(parts: HoldsParts, { taskId }: InboxMessage, event: InboxEvent): void {
  const { message, sentBack } = parts.inbox.apply(taskId, event, parts.clock.now(), parts.sendBack.make);
  parts.onInboundChange(message);
  if (sentBack !== null) parts.sendBack.stored(sentBack);
  if (stepOf(message.state) === 'run') parts.wakeInbox();
}

export function createHolds(parts: HoldsParts): Holds {
  const record = ({ item, message, direction }: Found, decision: OwnerDecision) =>
    recordDecision(parts, item, direction === 'outbound' ? message.id : message.messageId, decision);

  const approve = (one: Found): void => {
    const kind = yesTo(one);
    if (one.direction === 'inbound') changeInbound(parts, one.message, { kind: 'approved' });
    else changeOutbound(parts, one.message, { kind });
    record(one, kind === 'approved' ? 'hold-approved' : 'hold-released');
  };

  const refuse = (one: Found, note: string | null): void => {
    if (one.item.place === 'peer') throw forOtherOwner(one.item, false);
    const event = { kind: 'hold-refused', note } as const;
    if (one.direction === 'inbound') changeInbound(parts, one.message, event);
    else changeOutbound(parts, one.message, event);
    record(one, 'hold-refused');
  };

  return {
    list: () => listHeld(parts),
    counts: () => countHeld(parts),
    find: (id) => found(parts, id).item,
    approve: (id) => {
      const one = found(parts, id);
      approve(one);
      return one.item;
    },
    refuse: (id, raw) => {
      const note = parseNote(raw);
      if (!note.ok) throw fromProblem('input-invalid', note.problem);
      const one = found(parts, id);
      refuse(one, note.value);
      return one.item;
    },
  };
}
