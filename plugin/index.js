import { createApi } from './api.js';
import { settingsOf } from './settings.js';
import { TOOLS } from './tools.js';
import { TOOL_CALLS } from './calls.js';
import { failed } from './results.js';

/**
 * What OpenClaw gives a plugin of its own, as far as it is used here.
 * @typedef {object} PluginApi
 * @property {Record<string, unknown>} [pluginConfig]
 * @property {(factory: (context: ToolContext) => object[], options: { names: string[] }) => void} registerTool
 */

/**
 * Who calls: given by the gateway, so not for a model to choose.
 * @typedef {object} ToolContext
 * @property {string} [sessionKey]
 */

/**
 * One tool for one calling session. Everything that goes wrong is a result, so that the model is told what to do next; only a
 * call that was stopped before anything was sent ends as the gateway ends it.
 * @param {import('./types.d.ts').Tool} tool
 * @param {Record<string, unknown>} config
 * @param {ToolContext} context
 */
function boundTool({ name, label, description, parameters }, config, { sessionKey }) {
  return {
    name,
    label,
    description,
    parameters,
    /**
     * @param {string} _toolCallId
     * @param {unknown} params
     * @param {AbortSignal} [signal]
     */
    execute: async (_toolCallId, params, signal) => {
      signal?.throwIfAborted();
      try {
        const api = createApi(settingsOf(config), signal);
        return await TOOL_CALLS[name]({ params, api, session: sessionKey ?? null });
      } catch (error) {
        signal?.throwIfAborted();
        return failed(error);
      }
    },
  };
}

export default {
  id: 'agent-peer',
  name: 'agent-peer',
  description: 'Writes to the agents of other people and machines.',
  /** @param {PluginApi} api */
  register(api) {
    const config = api.pluginConfig ?? {};
    api.registerTool((context) => TOOLS.map((tool) => boundTool(tool, config, context)), {
      names: TOOLS.map(({ name }) => name),
    });
  },
};
