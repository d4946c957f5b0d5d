import { z } from 'zod';
import type { Invites } from '../../ports/pairing.ts';
import type { PeerAdmin } from '../../ports/owner.ts';
import { expiryOf, readDuration } from '../duration.ts';
import { durationWord, holdWord } from '../grant-body.ts';
import { route, type Route } from '../route.ts';
import { warningsOfTools, type AgentTools } from '../tool-warnings.ts';
import { inviteView, peerDetailView } from '../peer-views.ts';
import { acceptedPeer, invite } from '../answers/peers.ts';
import { warnings } from '../answers/terms.ts';

const offered = z.strictObject({
  alias: z.string().max(128),
  sessionKey: z.string().max(512).exactOptional(),
});
const terms = {
  /** Absent: the default alias; empty: nothing. */
  offers: z.array(offered).max(64).exactOptional(),
  special: z.boolean().exactOptional(),
  hold: holdWord.exactOptional(),
  expiresIn: durationWord.exactOptional(),
  confirmed: z.boolean().default(false),
};
const newInvite = z.strictObject({
  peer: z.string().max(128),
  ...terms,
  validFor: durationWord.exactOptional(),
  node: z.string().max(253).exactOptional(),
});
const acceptance = z.strictObject({
  code: z.string().max(512),
  name: z.string().max(128).exactOptional(),
  ...terms,
});
const nothing = z.strictObject({}).optional();

interface Terms {
  readonly offers?: readonly z.infer<typeof offered>[];
  readonly expiresIn?: string;
}

/** With durations as milliseconds, and null for what was not said. */
function wishOf<T extends Terms>({ offers, expiresIn, ...rest }: T) {
  const named = offers?.map(({ alias, sessionKey = null }) => ({ alias, sessionKey })) ?? null;
  return { ...rest, offers: named, ...expiryOf(expiresIn) };
}

export interface InviteParts {
  readonly invites: Invites;
  readonly admin: PeerAdmin;
  readonly gateway: AgentTools;
}

function create({ invites, gateway }: InviteParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/invites',
    roles: ['owner'],
    summary: 'Make an invite. The answer holds, this once, the code that the other owner needs.',
    body: newInvite,
    query: null,
    answers: { 201: z.strictObject({ invite, code: z.string(), warnings }) },
    handle: async ({ body: { validFor, ...rest } }) => {
      const valid = validFor === undefined ? {} : { validForMs: readDuration(validFor, 'validFor') };
      const made = await invites.create({ ...wishOf(rest), ...valid });
      const told = [...made.warnings, ...(await warningsOfTools(made.invite.grants, gateway))];
      const view = inviteView({ ...made.invite, state: 'open' });
      return { status: 201, body: { invite: view, code: made.code, warnings: told } };
    },
  });
}

function accept({ invites, admin, gateway }: InviteParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/invites/accept',
    roles: ['owner'],
    summary: 'Use an invite of another stack. Nothing is granted to it before both owners have agreed.',
    body: acceptance,
    query: null,
    answers: { 200: acceptedPeer },
    handle: async ({ body }) => {
      const { warnings: said, ...view } = await invites.accept(wishOf(body));
      const ofTools = await warningsOfTools(view.grants, gateway);
      const { name } = view.peer;
      const detail = peerDetailView(admin.find(name), view, admin.allGrants(name));
      const told = { offered: view.offered, warnings: [...said, ...ofTools] };
      return { status: 200, body: { ...detail, ...told } };
    },
  });
}

function show(invites: Invites): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/invites',
    roles: ['owner'],
    summary: 'Invites that this stack made, newest first.',
    body: null,
    query: null,
    answers: { 200: z.strictObject({ invites: z.array(invite).readonly() }) },
    handle: () => ({ status: 200, body: { invites: invites.list().map(inviteView) } }),
  });
  const one = route({
    method: 'GET',
    path: '/api/v1/invites/:id',
    roles: ['owner'],
    summary: 'One invite, and whether it was used.',
    body: null,
    query: null,
    answers: { 200: z.strictObject({ invite }) },
    handle: ({ param }) => ({ status: 200, body: { invite: inviteView(invites.find(param('id'))) } }),
  });
  return [list, one];
}

function cancel(invites: Invites): Route {
  return route({
    method: 'POST',
    path: '/api/v1/invites/:id/cancel',
    roles: ['owner'],
    summary: 'Cancel an invite, and the pairing that it has led to unless that is complete.',
    body: nothing,
    query: null,
    answers: { 200: z.strictObject({ invite }) },
    handle: ({ param }) => {
      invites.cancel(param('id'));
      return { status: 200, body: { invite: inviteView(invites.find(param('id'))) } };
    },
  });
}

/** `accept` stands before the ids: the first path that fits is the one. */
export function inviteRoutes(parts: InviteParts): readonly Route[] {
  return [create(parts), accept(parts), ...show(parts.invites), cancel(parts.invites)];
}
