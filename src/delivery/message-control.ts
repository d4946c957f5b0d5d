import { isUnsent } from '../core/outbox.ts';
import type { PeerName } from '../core/peer.ts';
import { AgentPeerError } from '../errors.ts';
import type { MessageControl, TaskCancel } from '../ports/delivery.ts';
import type { Clock } from '../ports/machine.ts';
import type { OutboxMessage, OutboxStore } from '../ports/messages.ts';
import type { PeerStore } from '../ports/policy-store.ts';
import { foundMessage } from './found-message.ts';
import type { OutboxSender } from './outbox-sender.ts';

export interface MessageControlParts {
  readonly outbox: Pick<OutboxStore, 'apply' | 'find' | 'nextDueAt' | 'toAskFor' | 'toHandOver'>;
  readonly peers: Pick<PeerStore, 'listPeers'>;
  readonly sender: Pick<OutboxSender, 'between' | 'retry' | 'wake'>;
  readonly transport: TaskCancel;
  readonly clock: Clock;
  readonly onChange: (message: OutboxMessage) => void;
}

/** Whom the owner means. */
function named(parts: MessageControlParts, peer: string | undefined): readonly PeerName[] {
  const standing = parts.peers.listPeers().filter(({ state }) => state !== 'revoked');
  const names = standing.map(({ name }) => name).filter((name) => peer === undefined || name === peer);
  if (peer === undefined || names.length > 0) return names;
  throw new AgentPeerError(
    'peer-not-found',
    `no peer is called "${peer}"`,
    '`agent-peer peers list` shows them all',
  );
}

function waits({ outbox, clock }: MessageControlParts, peer: PeerName): boolean {
  const now = clock.now();
  const isDue = outbox.toHandOver(peer, now, 1).length + outbox.toAskFor(peer, now, 1).length > 0;
  return isDue || outbox.nextDueAt(peer, now) !== null;
}

function tooLate({ id, state }: OutboxMessage): AgentPeerError {
  const fix =
    state === 'reply-held'
      ? 'Refuse its reply: agent-peer held'
      : 'It is over; there is nothing to take back';
  return new AgentPeerError('message-not-cancelled', `message ${id} is ${state}`, fix);
}

function refusedThere({ id, peer }: OutboxMessage, reason: string): AgentPeerError {
  const fix = `Its agent has begun with it, or it is over: agent-peer messages show ${id}`;
  return new AgentPeerError('message-not-cancelled', `"${peer}" did not take it back: ${reason}`, fix);
}

function notTold({ peer }: OutboxMessage, detail: string): AgentPeerError {
  const fix = 'It goes on as before; try again when the peer is there';
  return new AgentPeerError('peer-unreachable', `"${peer}" has it and was not told: ${detail}`, fix);
}

export function createMessageControl(parts: MessageControlParts): MessageControl {
  const { outbox, sender, transport, clock, onChange } = parts;

  const end = (message: OutboxMessage, kind: 'cancelled' | 'cancelled-there', taskId = ''): OutboxMessage => {
    const event = kind === 'cancelled' ? { kind } : { kind, taskId };
    const { nextAttemptAt } = message;
    const after = outbox.apply(message.id, event, { now: clock.now(), nextAttemptAt });
    if (after.state !== 'cancelled') throw tooLate(after);
    onChange(after);
    sender.wake(after.peer);
    return after;
  };

  const cancelThere = async (message: OutboxMessage, signal: AbortSignal): Promise<OutboxMessage> => {
    const { taskId } = message;
    if (taskId === null) throw tooLate(message);
    const told = await transport.cancel(message, taskId, signal);
    switch (told.kind) {
      case 'cancelled':
        return end(foundMessage(outbox, message.id), 'cancelled-there', taskId);
      case 'refused':
        throw refusedThere(message, told.reason);
      case 'unreachable':
        throw notTold(message, told.detail);
    }
  };

  /** While it is being handed over nobody knows whether the peer has it: that is waited for, so that neither is said falsely. */
  const cancelHere = async (message: OutboxMessage): Promise<OutboxMessage> =>
    await sender.between(message, () => {
      const current = foundMessage(outbox, message.id);
      return isUnsent(current.state) ? end(current, 'cancelled') : current;
    });

  return {
    retry: ({ peer, id }) => {
      const message = id === undefined ? null : foundMessage(outbox, id);
      if (message !== null && message.state !== 'queued' && message.state !== 'accepted') {
        const what = `message ${message.id} is ${message.state}, so there is nothing to try`;
        throw new AgentPeerError('message-not-waiting', what, `agent-peer messages show ${message.id}`);
      }
      const names = message === null ? named(parts, peer) : [message.peer];
      const waiting = names.filter((name) => waits(parts, name));
      for (const name of waiting) sender.retry(name);
      return waiting;
    },
    cancel: async (id, signal) => {
      const message = foundMessage(outbox, id);
      const current = isUnsent(message.state) ? await cancelHere(message) : message;
      if (current.state === 'cancelled') return current;
      if (current.state !== 'accepted') throw tooLate(current);
      return await cancelThere(current, signal);
    },
  };
}
