import type { RefusalReason } from './refusal.ts';

/**
 * Where an outbound message stands. `accepted`: the peer has it on its disk (the receipt). `uncertain`: it cannot be
 * proved whether the peer ran it.
 */
export type OutboxState = 'queued' | 'accepted' | 'answered' | 'refused' | 'failed' | 'expired' | 'uncertain';

/** What one attempt, or the clock, tells about a message. */
export type OutboxEvent =
  | { readonly kind: 'receipt'; readonly taskId: string }
  | { readonly kind: 'replied'; readonly taskId: string; readonly reply: string | null }
  | { readonly kind: 'refused'; readonly reason: RefusalReason | 'unknown'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'uncertain'; readonly detail: string }
  | { readonly kind: 'not-delivered'; readonly detail: string }
  | { readonly kind: 'expired' };

const FINAL = new Set<OutboxState>(['answered', 'refused', 'failed', 'expired', 'uncertain']);

export function isFinalOutboxState(state: OutboxState): boolean {
  return FINAL.has(state);
}

/** The next state. A final state never changes; a receipt is never taken back by a later lost attempt. */
export function nextOutboxState(state: OutboxState, event: OutboxEvent): OutboxState {
  if (isFinalOutboxState(state)) return state;
  switch (event.kind) {
    case 'receipt':
      return 'accepted';
    case 'replied':
      return 'answered';
    case 'refused':
      return 'refused';
    case 'failed':
      return 'failed';
    case 'uncertain':
      return 'uncertain';
    case 'not-delivered':
      return state;
    case 'expired':
      return 'expired';
  }
}
