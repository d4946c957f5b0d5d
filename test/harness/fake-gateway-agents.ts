import type { Answer, FakeSession } from './fake-gateway-session.ts';

/** What `tools.effective` of OpenClaw 2026.9.6 names for an agent that nothing was taken from. */
export const ALL_TOOLS: readonly string[] = (
  'agents_list agents_wait apply_patch ask_user automations browser canvas computer conversations_list ' +
  'conversations_send conversations_turn create_goal dashboard dir_fetch dir_list edit exec file_fetch file_write ' +
  'gateway get_goal ls memory_get memory_search message mobile_ui node_inference nodes openclaw plugins portal ' +
  'process progress_card read secrets session_status sessions sessions_history sessions_list sessions_search ' +
  'sessions_send sessions_spawn sessions_yield skill_workshop subagents talk_voice terminal theme tts update_goal ' +
  'web_fetch web_search write'
).split(' ');

/** By agent id, the default one first. An agent without tools was denied them all. */
export type FakeAgents = Readonly<Record<string, readonly string[]>>;

export const AGENTS: FakeAgents = { main: ALL_TOOLS, reader: [] };

export const AGENT_METHODS = ['agents.list', 'sessions.list', 'tools.effective', 'config.get'];

type Params = Readonly<Record<string, unknown>>;
type Row = { readonly key: string; readonly agentId: string };

const answer = (payload: object): Answer => ({ ok: true, payload });
const invalid = (message: string): Answer => ({
  ok: false,
  error: { code: 'INVALID_REQUEST', message, retryable: false },
});

/** What a gateway tells of its agents, their tools and their sessions. Null for every other method. */
export function createFakeAgents(agents: FakeAgents, sessions: () => readonly FakeSession[]) {
  const rows = (): readonly Row[] => sessions().flatMap((session) => (session.row() as Row | null) ?? []);

  function list({ agentId, limit }: Params): Answer {
    const all = rows().filter((row) => agentId === undefined || row.agentId === agentId);
    return answer({ sessions: all.slice(0, Number(limit ?? 100)), totalCount: all.length });
  }

  function tools({ sessionKey }: Params): Answer {
    const row = rows().find(({ key }) => key === sessionKey);
    if (row === undefined) return invalid(`unknown session key "${String(sessionKey)}"`);
    const named = (agents[row.agentId] ?? []).map((id) => ({ id, source: 'core' }));
    return answer({ agentId: row.agentId, groups: named.length === 0 ? [] : [{ id: 'core', tools: named }] });
  }

  function config(): Answer {
    const entries = Object.entries(agents).map(([id, has]) => [
      id,
      has.length === 0 ? { tools: { deny: ['*'] } } : {},
    ]);
    return answer({ config: { agents: { entries: Object.fromEntries(entries) as object } } });
  }

  return (method: string, params: Params): Answer | null => {
    const ids = Object.keys(agents);
    switch (method) {
      case 'agents.list':
        return answer({ defaultId: ids[0], agents: ids.map((id) => ({ id })) });
      case 'sessions.list':
        return list(params);
      case 'tools.effective':
        return tools(params);
      case 'config.get':
        return config();
      default:
        return null;
    }
  };
}
