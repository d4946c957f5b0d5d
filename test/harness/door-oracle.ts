/**
 * What must come of each cell of the negative matrix, written from the rules and not from the code that follows them:
 * 1. A clock that went back stops everything, before anything else is looked at.
 * 2. A token counts only from the node that it is bound to; whoever is not so known is told one and the same thing.
 * 3. Only the paired node with its own token hears that it was revoked, has expired, is provisional or is paused. In each
 *    of these it may do nothing; a provisional one still goes on with its pairing.
 * 4. A peer may do with an alias what its grant names, while it lasts, within the limits; an alias that is another's,
 *    that is nowhere, and that cannot be one are one and the same.
 *    Where a person is to look at what comes in, nothing of it reaches a session; where at what goes out, no reply leaves.
 * 5. The card goes by the node alone, health by the tailnet; everything else of the protocol is not served.
 * 6. While the tokens of a peer are changed it has two. The second counts as the first does, until its end; from its end on
 *    it is nobody's.
 * 7. Any node of the tailnet that has no token may try an invite, and hears no more than that its secret is of none;
 *    whoever has a token must be a peer here first. What is told about a pairing, or changes tokens, needs a token.
 * 8. While the whole stack is paused no peer may do anything but go on with its pairing. It hears so where it is known: by
 *    its token and its node, or for the card by its node. Nobody else hears of it.
 */
import type { DenyReason, Operation } from '../../src/core/decision.ts';
import {
  UNSERVED,
  type Call,
  type CallerCell,
  type Cell,
  type GrantState,
  type Standing,
} from './door-cells.ts';

/** Who a cell is about, as its peer is named in the audit log. */
export type Party = 'own' | 'carol' | null;

export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  readonly told: string;
  readonly reason: string;
}

export type Outcome =
  | Refused
  /**
   * `reply`: the sender may have it. `turn`: whose session under the addressed alias it ran in; null when a person has to
   * look at it first. `held`: what that person looks at.
   */
  | {
      readonly kind: 'accepted';
      readonly reply: boolean;
      readonly turn: 'own' | 'carol' | null;
      readonly held: 'message' | 'reply' | null;
    }
  | { readonly kind: 'task'; readonly state: 'TASK_STATE_COMPLETED' | 'TASK_STATE_CANCELED' }
  | { readonly kind: 'card'; readonly of: 'own' | 'carol' }
  | { readonly kind: 'health'; readonly status: 200 | 503; readonly details: boolean }
  /** To news, that nothing of the pairing is open any more; to a new token, that none is given for it yet. */
  | { readonly kind: 'pair'; readonly answer: object };

export interface Expected {
  readonly outcome: Outcome;
  /** The question that the judge is asked last, and its answer. */
  readonly operation: Operation;
  readonly decision: 'allow' | DenyReason;
  /** Null for what leaves no line in the audit log. */
  readonly audit: { readonly allowed: boolean; readonly reason: string; readonly peer: Party } | null;
}

interface Denial {
  readonly reason: DenyReason;
  readonly status: number;
  readonly told: string;
  readonly peer: Party;
}

const stranger = (reason: DenyReason, peer: Party): Denial => ({
  reason,
  status: 401,
  told: 'unauthenticated',
  peer,
});
const known = (reason: DenyReason, status: number, peer: Party): Denial => ({
  reason,
  status,
  told: reason,
  peer,
});
const CLOCK: Denial = { reason: 'clock-behind', status: 503, told: 'stack-not-ready', peer: null };

/** Whose token it is, of those that are somebody's. */
const ownerIn = ({ token }: Pick<CallerCell, 'token'>) => (token === 'carols' ? 'carol' : 'own');

/** Rule 3. */
const STANDING: Readonly<Record<Exclude<Standing, 'active'>, Denial>> = {
  revoked: known('peer-revoked', 403, 'own'),
  expired: known('peer-expired', 403, 'own'),
  provisional: known('peer-provisional', 503, 'own'),
  paused: known('peer-paused', 503, 'own'),
};

/** Rules 1 to 3, 6 and 8. Null: a peer that is known, and lets itself be judged. */
function callerDenial({ token, node, standing, change, clock, stack }: CallerCell): Denial | null {
  if (clock === 'back') return CLOCK;
  if (token === 'none') return stranger('token-missing', null);
  if (token === 'unknown' || (token === 'second' && change === 'ended'))
    return stranger('token-unknown', null);
  const owner = ownerIn({ token });
  if (node === 'nobody') return stranger('node-unknown', owner);
  if (node !== (owner === 'carol' ? 'carols' : 'own')) return stranger('node-mismatch', owner);
  if (owner === 'own' && standing !== 'active') return STANDING[standing];
  return stack === 'paused' ? known('stack-paused', 503, owner) : null;
}

type Kind = 'send' | 'read' | 'cancel';
const OPERATION = { send: 'message-send', read: 'task-read', cancel: 'task-cancel' } as const;

/** Rule 4. `carol` was granted the alias of the state `others`, in full, and none else that the cells name. */
function grantDenial(peer: 'own' | 'carol', grant: GrantState, named: boolean, kind: Kind): Denial | null {
  const none = known('alias-not-granted', 403, peer);
  if (peer === 'carol') return grant === 'others' && named ? null : none;
  if (grant === 'others' || grant === 'nowhere' || grant === 'no-alias') return none;
  if (grant === 'expired') return known('grant-expired', 403, peer);
  if (grant === 'lacks-all' || grant === `lacks-${kind}`) return known('operation-not-granted', 403, peer);
  return null;
}

function limitDenial(grant: GrantState): Denial | null {
  if (grant === 'over-grant' || grant === 'over-peer') return known('sends-exceeded', 429, 'own');
  return grant === 'over-total' ? known('total-sends-exceeded', 503, 'own') : null;
}

function deniedAs({ reason, status, told, peer }: Denial, operation: Operation): Expected {
  return {
    outcome: { kind: 'refused', status, told, reason },
    operation,
    decision: reason,
    audit: { allowed: false, reason, peer },
  };
}

/** Refused for what it is and not for who asks. */
function refusedAs(reason: string, status: number, operation: Operation, peer: Party): Expected {
  return {
    outcome: { kind: 'refused', status, told: reason, reason },
    operation,
    decision: 'allow',
    audit: { allowed: false, reason, peer },
  };
}

function heldAs(peer: Party): Expected {
  return {
    outcome: { kind: 'accepted', reply: false, turn: null, held: 'message' },
    operation: 'message-send',
    decision: 'allow',
    audit: { allowed: true, reason: 'held-grant', peer },
  };
}

function sendOutcome({ caller, grant, call }: Cell): Expected {
  const peer = ownerIn(caller);
  const named = call.kind === 'tool' || ('path' in call && call.path === 'named');
  const otherAgent = call.kind === 'tool' && call.agent === 'wrong';
  const denial =
    grantDenial(peer, grant, named, 'send') ??
    (otherAgent ? known('alias-not-granted', 403, peer) : null) ??
    (peer === 'own' ? limitDenial(grant) : null);
  if (denial !== null) return deniedAs(denial, 'message-send');
  if (grant === 'held-inbound' || grant === 'held-both') return heldAs(peer);
  return {
    outcome: {
      kind: 'accepted',
      reply: grant !== 'lacks-read' && grant !== 'held-outbound',
      turn: peer,
      held: grant === 'held-outbound' ? 'reply' : null,
    },
    operation: 'message-send',
    decision: 'allow',
    audit: { allowed: true, reason: 'accepted', peer },
  };
}

function taskOutcome({ caller, grant }: Cell, call: Extract<Call, { kind: 'read' | 'cancel' }>): Expected {
  const peer = ownerIn(caller);
  const isOwn = peer === 'own' && call.task === 'own';
  if (!isOwn) return refusedAs('task-unknown', 200, 'health-read', peer);
  const denial = grantDenial(peer, grant, true, call.kind);
  const operation = OPERATION[call.kind];
  if (denial !== null) return deniedAs(denial, operation);
  const state = call.kind === 'read' ? 'TASK_STATE_COMPLETED' : 'TASK_STATE_CANCELED';
  return {
    outcome: { kind: 'task', state },
    operation,
    decision: 'allow',
    audit: { allowed: true, reason: call.kind === 'read' ? 'allowed' : 'cancelled', peer },
  };
}

function cardOutcome({ node, standing, clock, stack }: CallerCell): Expected {
  if (clock === 'back') return deniedAs(CLOCK, 'card-read');
  if (node === 'nobody') return deniedAs(stranger('node-unknown', null), 'card-read');
  if (node === 'outsider' || (node === 'own' && standing !== 'active'))
    return deniedAs(stranger('node-not-paired', null), 'card-read');
  const of = node === 'own' ? 'own' : 'carol';
  if (stack === 'paused') return deniedAs(known('stack-paused', 503, of), 'card-read');
  return {
    outcome: { kind: 'card', of },
    operation: 'card-read',
    decision: 'allow',
    audit: { allowed: true, reason: 'allowed', peer: of },
  };
}

function healthOutcome(caller: CallerCell): Expected {
  const { token, node, clock } = caller;
  if (clock === 'right' && node === 'nobody')
    return deniedAs(stranger('node-unknown', null), 'liveness-read');
  const denial = callerDenial(caller);
  const asked = token !== 'none';
  const owner = ownerIn(caller);
  const line =
    denial === null
      ? { allowed: true, reason: 'allowed', peer: owner as Party }
      : { allowed: false, reason: denial.reason, peer: denial.peer };
  return {
    outcome: { kind: 'health', status: clock === 'back' ? 503 : 200, details: denial === null },
    operation: asked ? 'health-read' : 'liveness-read',
    decision: asked ? (denial?.reason ?? 'allow') : clock === 'back' ? 'clock-behind' : 'allow',
    audit: asked ? line : null,
  };
}

/** With its pairing. */
function mayGoOn(denial: Denial | null): denial is null {
  return denial === null || denial.reason === 'peer-provisional' || denial.reason === 'stack-paused';
}

/** Rule 7: who is let to say anything there, before it is read. */
function pairDenial(caller: CallerCell): Expected | null {
  const { token, node, clock } = caller;
  if (token === 'none') {
    if (clock === 'back') return deniedAs(CLOCK, 'liveness-read');
    return node === 'nobody' ? deniedAs(stranger('node-unknown', null), 'liveness-read') : null;
  }
  const denial = callerDenial(caller);
  return mayGoOn(denial) ? null : deniedAs(denial, 'pairing-continue');
}

function pairedAs(operation: Operation, answer: object, peer: Party): Expected {
  return {
    outcome: { kind: 'pair', answer },
    operation,
    decision: 'allow',
    audit: { allowed: true, reason: 'allowed', peer },
  };
}

function pairOutcome(caller: CallerCell, type: Extract<Call, { kind: 'pair' }>['type']): Expected {
  const peer = caller.token === 'none' ? null : ownerIn(caller);
  const denial = callerDenial(caller);
  switch (type) {
    case 'claim':
      return deniedAs(known('invite-unknown', 403, peer), 'invite-claim');
    case 'rotate':
      return denial === null
        ? pairedAs('token-rotate', { token: null }, peer)
        : deniedAs(denial, 'token-rotate');
    case 'news':
      return mayGoOn(denial)
        ? pairedAs('pairing-continue', { confirmed: true, ready: true }, peer)
        : deniedAs(denial, 'pairing-continue');
  }
}

export function expectedOf(cell: Cell): Expected {
  const { caller, call } = cell;
  if (call.kind === 'pair') return pairDenial(caller) ?? pairOutcome(caller, call.type);
  if (call.kind === 'garbage' && call.surface === 'pair') {
    const isNameless = caller.token === 'none';
    const operation = isNameless ? 'liveness-read' : 'pairing-continue';
    const peer = isNameless ? null : ownerIn(caller);
    return pairDenial(caller) ?? refusedAs('body-unparseable', 400, operation, peer);
  }
  if (call.kind === 'card') return cardOutcome(caller);
  if (call.kind === 'health') return healthOutcome(caller);
  const denial = callerDenial(caller);
  if (denial !== null) return deniedAs(denial, 'health-read');
  switch (call.kind) {
    case 'send':
    case 'tool':
      return sendOutcome(cell);
    case 'read':
    case 'cancel':
      return taskOutcome(cell, call);
    case 'unserved':
      return refusedAs(UNSERVED[call.method] ?? '', 200, 'health-read', ownerIn(caller));
    case 'garbage':
      return refusedAs('body-unparseable', 400, 'health-read', ownerIn(caller));
  }
}

/** The aliases that a card lists, default first: every peer here has `aside` too. */
export function cardAliases(of: 'own' | 'carol', grant: GrantState): readonly string[] {
  if (of === 'carol') return ['carols'];
  const gone = ['others', 'nowhere', 'no-alias', 'expired', 'lacks-all', 'lacks-send'].includes(grant);
  return gone ? ['aside'] : ['inbox', 'aside', 'handoff'];
}
