import { z } from 'zod';
import type { Notice, Notices } from '../../ports/notices.ts';
import { at, atOrNever } from '../instants.ts';
import { route, type Route } from '../route.ts';
import { notice } from '../answers/stack.ts';

const listed = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(20) });

export type NoticeView = z.infer<typeof notice>;

export function noticeView({ kind, peer, text, createdAt, toldAt, overAt }: Notice): NoticeView {
  return {
    kind,
    peer,
    text,
    createdAt: at(createdAt),
    toldAt: atOrNever(toldAt),
    overAt: atOrNever(overAt),
  };
}

export function noticeRoutes(notices: Notices): readonly Route[] {
  const list = route({
    method: 'GET',
    path: '/api/v1/notices',
    roles: ['owner'],
    summary: 'What needs a person, and what did lately.',
    body: null,
    query: listed,
    answers: { 200: z.strictObject({ open: z.array(notice).readonly(), over: z.array(notice).readonly() }) },
    handle: ({ query: { limit } }) => {
      const open = notices.open();
      const over = notices.list(limit).filter(({ overAt }) => overAt !== null);
      return { status: 200, body: { open: open.map(noticeView), over: over.map(noticeView) } };
    },
  });
  return [list];
}
