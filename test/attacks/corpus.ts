import type { Attack } from './attack.ts';
import { AGENT_CARD_ATTACKS } from './corpus/agent-card.ts';
import { ALIAS_ATTACKS } from './corpus/aliases.ts';
import { CONTENT_ATTACKS } from './corpus/contents.ts';
import { CREDENTIAL_ATTACKS } from './corpus/credentials.ts';
import { GATEWAY_ROUTE_ATTACKS } from './corpus/gateway-routes.ts';
import { BODY_LENGTH_ATTACKS } from './corpus/body-lengths.ts';
import { CHUNK_ATTACKS } from './corpus/chunks.ts';
import { HEAD_BYTE_ATTACKS } from './corpus/head-bytes.ts';
import { CONTENT_TYPE_ATTACKS } from './corpus/content-types.ts';
import { PIPELINE_ATTACKS } from './corpus/pipelines.ts';
import { IDENTITY_HEADER_ATTACKS } from './corpus/identity-headers.ts';
import { JSON_GRAMMAR_ATTACKS } from './corpus/json-grammar.ts';
import { JSON_VALUE_ATTACKS } from './corpus/json-values.ts';
import { MESSAGE_EXTRA_ATTACKS } from './corpus/message-extras.ts';
import { MESSAGE_ATTACKS } from './corpus/messages.ts';
import { OVERSIZE_ATTACKS } from './corpus/oversize.ts';
import { PAIR_FIELD_ATTACKS } from './corpus/pair-fields.ts';
import { PAIRING_ATTACKS } from './corpus/pairing.ts';
import { PART_ATTACKS } from './corpus/parts.ts';
import { RPC_METHOD_ATTACKS } from './corpus/rpc-methods.ts';
import { RPC_ATTACKS } from './corpus/rpc.ts';
import { SLOW_ATTACKS } from './corpus/slow.ts';
import { TARGET_ATTACKS } from './corpus/targets.ts';
import { TASK_ATTACKS } from './corpus/tasks.ts';
import { TOOL_ARGUMENT_ATTACKS } from './corpus/tool-arguments.ts';
import { TOOLS_INVOKE_ATTACKS } from './corpus/tools-invoke.ts';
import { UPGRADE_ATTACKS } from './corpus/upgrades.ts';
import { WEB_PAGE_ATTACKS } from './corpus/web-pages.ts';
import { WORD_ATTACKS } from './corpus/words.ts';

/** By topic: attacks that are over as soon as they are sent. */
export const FAST: Readonly<Record<string, readonly Attack[]>> = {
  'bytes of the head': HEAD_BYTE_ATTACKS,
  'lengths of the body': BODY_LENGTH_ATTACKS,
  chunks: CHUNK_ATTACKS,
  pipelines: PIPELINE_ATTACKS,
  'content types': CONTENT_TYPE_ATTACKS,
  targets: TARGET_ATTACKS,
  'routes of the gateway': GATEWAY_ROUTE_ATTACKS,
  upgrades: UPGRADE_ATTACKS,
  'identity headers': IDENTITY_HEADER_ATTACKS,
  'web pages': WEB_PAGE_ATTACKS,
  credentials: CREDENTIAL_ATTACKS,
  json: [...JSON_VALUE_ATTACKS, ...JSON_GRAMMAR_ATTACKS],
  'json-rpc': [...RPC_ATTACKS, ...RPC_METHOD_ATTACKS],
  messages: [...MESSAGE_ATTACKS, ...MESSAGE_EXTRA_ATTACKS],
  parts: PART_ATTACKS,
  contents: CONTENT_ATTACKS,
  tasks: TASK_ATTACKS,
  aliases: ALIAS_ATTACKS,
  'tools/invoke': [...TOOLS_INVOKE_ATTACKS, ...TOOL_ARGUMENT_ATTACKS],
  'agent card': AGENT_CARD_ATTACKS,
  pairing: [...PAIRING_ATTACKS, ...PAIR_FIELD_ATTACKS],
  words: WORD_ATTACKS,
  oversize: OVERSIZE_ATTACKS,
};

/** Senders that take their time: each lasts as long as the limits of the stack let it. */
export const SLOW: readonly Attack[] = SLOW_ATTACKS;

export const ALL_ATTACKS: readonly Attack[] = [...Object.values(FAST).flat(), ...SLOW];
