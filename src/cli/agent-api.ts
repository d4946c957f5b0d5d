import { isFinalOutboxState } from '../core/outbox.ts';
import type { MessageView, SentMessageView } from '../local-server/views.ts';
import type { AgentApi, AgentDraft, AgentPeer } from '../ports/agent-api.ts';
import type { Api } from './api.ts';
import { part } from './command.ts';
import { settle } from './message.ts';

async function whenSettled(
  api: Api,
  message: MessageView,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<MessageView> {
  const deadline = performance.now() + waitSeconds * 1000;
  try {
    return await settle(api, message, deadline, signal);
  } catch {
    // It is sent, and without its id the model would send it again. Whoever asks for it next hears what is wrong.
    return message;
  }
}

/**
 * What an agent may do, over the loopback API.
 * @param connect called each time: the token may come with the first start of a proxy that is away now
 */
export function createHttpAgentApi(connect: () => Api): AgentApi {
  return {
    peers: async (signal) =>
      (await connect().get<{ readonly peers: readonly AgentPeer[] }>('/peers', 0, signal)).peers,
    send: async ({ content = {}, ...draft }: AgentDraft, waitSeconds, signal) => {
      const api = connect();
      const { warnings, ...sent } = await api.post<SentMessageView>('/messages', { ...draft, ...content });
      const message = sent.state === 'held' ? sent : await whenSettled(api, sent, waitSeconds, signal);
      return { ...message, warnings };
    },
    show: async (id, waitSeconds, signal) => {
      const api = connect();
      const message = await api.get<MessageView>(`/messages/${part(id)}`, 0, signal);
      if (isFinalOutboxState(message.state)) return message;
      return settle(api, message, performance.now() + waitSeconds * 1000, signal);
    },
  };
}
