import { z } from 'zod';
import { parseAlias } from '../core/alias.ts';
import { PLAIN } from '../core/content.ts';
import type { MessageId } from '../core/message.ts';
import { stampUuid } from '../core/restore.ts';
import type { JsonValue } from '../core/strict-json.ts';
import { acceptMessage } from './accept-message.ts';
import { parseBody, readBody } from '../a2a/body.ts';
import type { Deps } from './deps.ts';
import { describeIssue, member } from '../a2a/envelope.ts';
import { permit } from './exchange.ts';
import { readText, type SentMessage } from '../a2a/sent-message.ts';
import { Refusal, refusalMessage, type RefusalShape } from '../a2a/refusal.ts';
import type { SurfaceHandler } from './serve.ts';
import { settleMessage } from './settle-message.ts';
import type { Target } from './target.ts';
import { toolResult } from './tool-result.ts';

const TOOL = 'sessions_send';
/** The gateway's own default, longer than this stack waits in one request. */
const DEFAULT_TIMEOUT_SECONDS = 30;

/**
 * Exactly this and nothing beside it. The gateway takes `name` over `tool`, snake_case twins, a `sessionKey` outside
 * that is the caller's own context, `label`, `mode` and `watch`: each of them would be a second reading of one request.
 */
const Invocation = z.strictObject({
  tool: z.literal(TOOL),
  args: z.strictObject({
    sessionKey: z.string().max(512),
    message: z.string(),
    agentId: z.string().max(64).optional(),
    timeoutSeconds: z.int().min(0).max(86_400).optional(),
  }),
});
type Invocation = z.infer<typeof Invocation>;

function readInvocation(body: JsonValue): Invocation['args'] {
  const read = Invocation.safeParse(body);
  if (read.success) return read.data.args;
  const tool = member(body, 'tool');
  if (typeof tool === 'string' && tool !== TOOL) throw new Refusal('tool-unknown');
  throw new Refusal('params-invalid', describeIssue(read.error, 'request'));
}

/** The gateway's clients send no message id: each call is a message of its own. */
function incomingOf({ random, clock, limits }: Deps, text: string): SentMessage {
  return {
    messageId: `tool-${stampUuid(random.uuid(), clock.now())}` as MessageId,
    conversation: null,
    taskId: null,
    referenceTaskIds: [],
    text: readText([text], 'args.message', limits),
    content: PLAIN,
    hop: 0,
    ttlMs: null,
    returnImmediately: false,
  };
}

/** In the gateway's envelope. What JSON-RPC tells with 200, because the call was understood, is a 400 there. */
const toolRefusal: RefusalShape = (row, detail) => ({
  status: row.status === 200 ? 400 : row.status,
  body: { ok: false, error: { type: row.told, message: refusalMessage(row, detail) } },
});

/**
 * `POST /tools/invoke`: for clients that speak to a gateway's tool route. `sessionKey` is an alias here, and the call
 * becomes a message like any other; nothing of it is passed on.
 */
export const toolsInvokeSurface: SurfaceHandler<Extract<Target, { readonly surface: 'tools-invoke' }>> = {
  answer: async (deps, exchange, { req, signal }) => {
    permit(deps, exchange, { operation: 'health-read' });
    const args = readInvocation(parseBody(await readBody(req, deps.limits.bodyBytes)));
    exchange.operation = 'message-send';
    const alias = parseAlias(args.sessionKey);
    exchange.alias = alias.ok ? alias.value : null;
    const message = await acceptMessage(deps, exchange, incomingOf(deps, args.message), args.agentId ?? null);
    const waitMs = Math.min((args.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000, deps.limits.waitMs);
    const settled = await settleMessage(deps, exchange, message, { waitMs, signal });
    return { status: 200, body: toolResult(settled) };
  },
  refusal: () => toolRefusal,
};
