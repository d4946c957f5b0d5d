import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { ERROR_STATUS } from '../problem.ts';
import { named } from './names.ts';

const all = Object.entries(ERROR_STATUS) as [ErrorCode, number][];

function problemOf(status: number) {
  const codes = all.filter(([, own]) => own === status).map(([code]) => code);
  return z.strictObject({
    type: z.string().startsWith('urn:agent-peer:error:'),
    title: z.string(),
    status: z.literal(status),
    code: z.enum(codes),
    /** What was wrong, and where. */
    detail: z.string(),
    /** What to do. */
    fix: z.string(),
  });
}

const statuses = [...new Set(all.map(([, status]) => status))].sort((a, b) => a - b);

/** Every answer that is no success: RFC 9457, with the code that the status belongs to. */
export const problem = named('Problem', z.union(statuses.map(problemOf)));
