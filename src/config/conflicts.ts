import type { CleanedEnv } from 'envalid';
import type { Problem } from '../core/parsed.ts';
import type { SECRETS, VARIABLES } from './variables.ts';

/** Values that could be used, by name; the others are left out. */
export type Values = Partial<CleanedEnv<typeof VARIABLES & typeof SECRETS>>;

type NumberName = {
  [Name in keyof typeof VARIABLES]: CleanedEnv<typeof VARIABLES>[Name] extends number ? Name : never;
}[keyof typeof VARIABLES];

/** A share of more than the whole would never be reached: whoever set it expects something else of it. */
const NOT_ABOVE: readonly (readonly [part: NumberName, whole: NumberName])[] = [
  ['AGENT_PEER_CONNECTIONS_PER_NODE', 'AGENT_PEER_CONNECTIONS'],
  ['AGENT_PEER_SENDS_PER_MINUTE', 'AGENT_PEER_TOTAL_SENDS_PER_MINUTE'],
  ['AGENT_PEER_WAITS_PER_PEER', 'AGENT_PEER_WAITS'],
  ['AGENT_PEER_TURNS_PER_PEER', 'AGENT_PEER_TURNS'],
  ['AGENT_PEER_TURNS_PER_HOUR', 'AGENT_PEER_TURNS_PER_DAY'],
  ['AGENT_PEER_HEADER_SECONDS', 'AGENT_PEER_BODY_SECONDS'],
];

function sharesAboveTheWhole(values: Values): readonly Problem[] {
  return NOT_ABOVE.flatMap(([part, whole]) => {
    const [share, all] = [values[part], values[whole]];
    if (share === undefined || all === undefined || share <= all) return [];
    return [
      { where: part, what: `is ${share}, more than ${whole} (${all})`, fix: `Set it to ${all} or less` },
    ];
  });
}

/** JSON in plain ASCII writes a character of two bytes as six, such as \u00e9. */
const GROWTH = 3;
/** For what stands around the text. */
const ENVELOPE_KIB = 16;

function bodyTooSmall({ AGENT_PEER_BODY_KIB: body, AGENT_PEER_TEXT_KIB: text }: Values): readonly Problem[] {
  if (body === undefined || text === undefined) return [];
  const needed = GROWTH * text + ENVELOPE_KIB;
  if (body >= needed) return [];
  const what = `is ${body}, too small for a text of ${text} KiB (AGENT_PEER_TEXT_KIB) as JSON`;
  return [{ where: 'AGENT_PEER_BODY_KIB', what, fix: `Set it to ${needed} or more` }];
}

function portTaken({ AGENT_PEER_GATEWAY_URL: url, AGENT_PEER_LOCAL_PORT: port }: Values): readonly Problem[] {
  if (url === undefined || Number(new URL(url).port || 80) !== port) return [];
  return [{ where: 'AGENT_PEER_LOCAL_PORT', what: 'is the port of the gateway', fix: 'Choose another one' }];
}

function oneTokenForBoth({
  AGENT_PEER_OWNER_TOKEN: owner,
  AGENT_PEER_AGENT_TOKEN: agent,
}: Values): readonly Problem[] {
  if (owner === undefined || owner !== agent) return [];
  const fix = 'An agent with it could do all that the owner can: use another';
  return [{ where: 'AGENT_PEER_AGENT_TOKEN', what: 'is the same as the owner token', fix }];
}

function tokenForNothing({
  AGENT_PEER_NOTICE_URL: url,
  AGENT_PEER_NOTICE_TOKEN: token,
}: Values): readonly Problem[] {
  if (token === undefined || url !== undefined) return [];
  const fix = 'Set AGENT_PEER_NOTICE_URL to what it is for';
  return [
    {
      where: 'AGENT_PEER_NOTICE_TOKEN',
      what: 'is set without an AGENT_PEER_NOTICE_URL that can be used',
      fix,
    },
  ];
}

/** Problems that show only when two values are seen together. */
export function conflicts(values: Values): readonly Problem[] {
  return [
    ...portTaken(values),
    ...oneTokenForBoth(values),
    ...tokenForNothing(values),
    ...sharesAboveTheWhole(values),
    ...bodyTooSmall(values),
  ];
}
