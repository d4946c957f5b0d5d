/**
 * What an agent's tools let a peer's words reach, for a word of warning before a session of that agent is offered. By
 * the names of OpenClaw 2026.9.6. A name that stands in neither list is told as well: a plugin or an MCP server can
 * bring anything.
 */

/** What is known of the tools that the turns of a session have. */
export type AgentTools =
  | { readonly kind: 'known'; readonly tools: readonly string[] }
  /** Why not, as the end of a sentence. */
  | { readonly kind: 'unknown'; readonly detail: string };

const STRONG: readonly (readonly [power: string, tools: readonly string[]])[] = [
  ['commands', ['exec', 'process', 'terminal', 'code_execution', 'computer', 'bash']],
  [
    'files',
    [
      'read',
      'write',
      'edit',
      'apply_patch',
      'ls',
      'find',
      'grep',
      'file_fetch',
      'file_write',
      'dir_fetch',
      'dir_list',
      'view_image',
      'pdf',
    ],
  ],
  ['memory', ['memory_search', 'memory_get']],
  ['the browser', ['browser']],
  [
    'other sessions',
    [
      'sessions_history',
      'sessions_send',
      'sessions_list',
      'sessions_search',
      'sessions_spawn',
      'session_status',
      'sessions',
      'subagents',
    ],
  ],
  ['other people', ['message', 'conversations_send', 'conversations_turn', 'conversations_list']],
  [
    'the gateway itself',
    ['gateway', 'automations', 'cron', 'plugins', 'openclaw', 'secrets', 'skill_workshop', 'portal'],
  ],
  ['devices', ['nodes', 'node_inference', 'mobile_ui', 'screen', 'canvas']],
];

/** Talk, plans and pictures, and looking things up: what comes of them is said to the peer and changes nothing else. */
const HARMLESS = new Set([
  'agents_list',
  'agents_wait',
  'ask_user',
  'create_goal',
  'dashboard',
  'dismiss_task',
  'get_goal',
  'heartbeat_respond',
  'image_generate',
  'intent',
  'music_generate',
  'progress_card',
  'sessions_yield',
  'show_widget',
  'suggest_task',
  'talk_voice',
  'theme',
  'tool_call',
  'tool_describe',
  'tool_search',
  'tts',
  'update_goal',
  'video_generate',
  'web_fetch',
  'web_search',
  'x_search',
]);

const KNOWN = new Set([...HARMLESS, ...STRONG.flatMap(([, tools]) => tools)]);
const SHOWN_OF_A_POWER = 3;
const SEE = 'See "A narrow agent" in docs/threat-model.md';

/** `exec, process, terminal, …` */
function shortList(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_OF_A_POWER).join(', ');
  return names.length > SHOWN_OF_A_POWER ? `${shown}, …` : shown;
}

/** What the tools reach, each power with some of the tools that give it. */
function powersOf(tools: readonly string[]): readonly string[] {
  const has = new Set(tools.map((name) => name.toLowerCase()));
  const named = STRONG.map(([power, names]) => ({ power, names: names.filter((name) => has.has(name)) }));
  const others = [...has].filter((name) => !KNOWN.has(name)).sort();
  return [...named, { power: 'what is not known here', names: others }]
    .filter(({ names }) => names.length > 0)
    .map(({ power, names }) => `${power} (${shortList(names)})`);
}

/** Null for an agent that can do no more than talk. */
export function toolWarning(agentId: string, tools: AgentTools): string | null {
  if (tools.kind === 'unknown') {
    return `could not ask the gateway what tools agent "${agentId}" has: ${tools.detail}. ${SEE}`;
  }
  const powers = powersOf(tools.tools);
  if (powers.length === 0) return null;
  return `agent "${agentId}" has strong tools, which a peer’s words can make its model use: ${powers.join('; ')}. ${SEE}`;
}
