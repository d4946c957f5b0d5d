import { z } from 'zod';
import type { Holds } from '../../ports/holds.ts';
import { heldLineView, heldView } from '../held-views.ts';
import { route, type Route } from '../route.ts';
import { held, heldCounts, heldLine } from '../answers/held.ts';

const nothing = z.strictObject({}).optional();
/** Longer than a note may be, so that the error says how long it may be. */
const refusal = z
  .strictObject({
    note: z
      .string()
      .max(64 * 1024)
      .optional(),
  })
  .optional();

/** For the owner alone: an agent that could say yes to what is held for a person would be that person. */
export function heldRoutes(holds: Holds): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/held',
    roles: ['owner'],
    summary: 'What waits for a person, oldest first.',
    body: null,
    query: null,
    answers: { 200: z.strictObject({ held: z.array(heldLine).readonly(), counts: heldCounts }) },
    handle: () => ({ status: 200, body: { held: holds.list().map(heldLineView), counts: holds.counts() } }),
  });
  const show = route({
    method: 'GET',
    path: '/api/v1/held/:id',
    roles: ['owner'],
    summary: 'One of these with its texts.',
    body: null,
    query: null,
    answers: { 200: z.strictObject({ held }) },
    handle: ({ param }) => ({ status: 200, body: { held: heldView(holds.find(param('id'))) } }),
  });
  const approve = route({
    method: 'POST',
    path: '/api/v1/held/:id/approve',
    roles: ['owner'],
    summary: 'Let it go on.',
    body: nothing,
    query: null,
    answers: { 200: z.strictObject({ approved: heldLine }) },
    handle: ({ param }) => ({ status: 200, body: { approved: heldLineView(holds.approve(param('id'))) } }),
  });
  const refuse = route({
    method: 'POST',
    path: '/api/v1/held/:id/refuse',
    roles: ['owner'],
    summary: 'End it; who wrote it is told the note.',
    body: refusal,
    query: null,
    answers: { 200: z.strictObject({ refused: heldLine }) },
    handle: ({ param, body }) => ({
      status: 200,
      body: { refused: heldLineView(holds.refuse(param('id'), body?.note ?? '')) },
    }),
  });
  return [list, show, approve, refuse];
}
