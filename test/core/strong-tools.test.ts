/** Which tools of an agent are worth a word of warning before a peer may write to it, and what is said. */
import { describe, expect, it } from 'vitest';
import { toolWarning } from '../../src/core/strong-tools.ts';

/** By the names of OpenClaw 2026.9.6. */
const POWERS: Readonly<Record<string, string>> = {
  commands: 'exec process terminal code_execution computer bash',
  files: 'read write edit apply_patch ls find grep file_fetch file_write dir_fetch dir_list view_image pdf',
  memory: 'memory_search memory_get',
  'the browser': 'browser',
  'other sessions':
    'sessions_history sessions_send sessions_list sessions_search sessions_spawn session_status sessions subagents',
  'other people': 'message conversations_send conversations_turn conversations_list',
  'the gateway itself': 'gateway automations cron plugins openclaw secrets skill_workshop portal',
  devices: 'nodes node_inference mobile_ui screen canvas',
};
const HARMLESS = (
  'agents_list agents_wait ask_user create_goal dashboard dismiss_task get_goal heartbeat_respond image_generate ' +
  'intent music_generate progress_card sessions_yield show_widget suggest_task talk_voice theme tool_call ' +
  'tool_describe tool_search tts update_goal video_generate web_fetch web_search x_search'
).split(' ');

const known = (...tools: string[]) => toolWarning('main', { kind: 'known', tools });
const sentence = (powers: string) =>
  `agent "main" has strong tools, which a peer’s words can make its model use: ${powers}. See "A narrow agent" in docs/threat-model.md`;

describe('the tools of an agent', () => {
  it.each(Object.entries(POWERS))('that reach %s are named', (power, names) => {
    for (const name of names.split(' ')) expect(known(name), name).toBe(sentence(`${power} (${name})`));
  });

  it('that only talk, plan and look things up are worth no word', () => {
    expect(known()).toBeNull();
    expect(known(...HARMLESS)).toBeNull();
  });

  it('are told by power, at most three of each, the strongest first', () => {
    expect(known('nodes', 'ls', 'web_search', 'edit', 'write', 'EXEC')).toBe(
      sentence('commands (exec); files (write, edit, ls); devices (nodes)'),
    );
    expect(known('ls', 'edit', 'write', 'read')).toBe(sentence('files (read, write, edit, …)'));
  });

  it('that nobody here has heard of are told as such, once each', () => {
    expect(known('zeta', 'tts', 'alpha', 'Zeta')).toBe(sentence('what is not known here (alpha, zeta)'));
  });

  it('that cannot be known are a warning of their own, with the reason', () => {
    expect(toolWarning('work', { kind: 'unknown', detail: 'it sleeps' })).toBe(
      'could not ask the gateway what tools agent "work" has: it sleeps. See "A narrow agent" in docs/threat-model.md',
    );
  });
});
