/** What both ends of the peer wire must spell alike. A2A 1.0 JSON-RPC carries it. */

/** `POST /a2a/v1` is the default alias, `POST /a2a/v1/<alias>` any other. */
export const MESSAGES_PATH = '/a2a/v1';

/** The gateway's own way in for tools, here with aliases in place of session keys and for one tool only. */
export const TOOLS_INVOKE_PATH = '/tools/invoke';

/** Where A2A 1.0 clients look for the agent card. */
export const AGENT_CARD_PATH = '/.well-known/agent-card.json';

/** Where stacks become peers, and change the tokens that they know each other by. */
export const PAIR_PATH = '/pair';

export const HEALTH_PATH = '/health';

/**
 * Key of our own fields in `message.metadata` (`hop`, `ttlSeconds`, `kind`, `fields`), in the metadata of a text part
 * (`context`) and in that of a status message (`outcome`, with a `refused` one perhaps `note`; `held` while a person has to
 * look). The number counts incompatible changes.
 */
export const MESSAGE_EXTENSION = 'urn:agent-peer:message:1';

/** `domain` of the ErrorInfo that carries a refusal reason. */
export const ERROR_DOMAIN = 'agent-peer';

/** Bytes of one answer, both as made and as read: a larger reply could never be fetched. */
export const ANSWER_LIMIT_BYTES = 1024 * 1024;

/** Longest wait for a reply within one request, milliseconds; then the task is answered as it is. */
export const WAIT_LIMIT_MS = 25_000;

/** How a task ended that has no reply. A2A itself has no state for `uncertain`, nor one for `expired`. */
export const TASK_OUTCOMES = ['failed', 'uncertain', 'expired', 'refused'] as const;
export type TaskOutcome = (typeof TASK_OUTCOMES)[number];
