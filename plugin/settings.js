import { PeerToolError } from './errors.js';

const DEFAULT_URL = 'http://127.0.0.1:18790';
/** Only this machine: the token would go in plain to anywhere else, and so would every message. */
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost):[0-9]{1,5}\/?$/;
/** What can stand in a header; a file with a line break at its end is the usual mistake. */
const TOKEN = /^[!-~]{1,1024}$/;
const CONFIG = 'plugins.entries.agent-peer.config';

/** @param {string} what */
function misconfigured(what) {
  return new PeerToolError('config-invalid', what, `Set ${CONFIG} in the configuration of OpenClaw`);
}

/**
 * Read at each call, so that a variable that was set since counts. No error repeats what is in the variable.
 * @param {unknown} name
 */
function tokenIn(name) {
  if (name === undefined) return null;
  const token = typeof name === 'string' ? process.env[name]?.trim() : undefined;
  if (token === undefined || token === '')
    throw misconfigured('tokenEnv names an environment variable that is not set');
  if (!TOKEN.test(token)) throw misconfigured('the environment variable of tokenEnv holds no token');
  // With it a model could change what it may do.
  if (token.startsWith('apo_'))
    throw misconfigured("tokenEnv leads to the owner's token, and takes an agent's");
  return token;
}

/**
 * @param {Record<string, unknown>} config
 * @returns {import('./types.d.ts').Settings}
 */
export function settingsOf({ url = DEFAULT_URL, tokenEnv }) {
  if (typeof url !== 'string' || !LOOPBACK.test(url))
    throw misconfigured(`url has to be like ${DEFAULT_URL}: this machine, without a path`);
  return { url: new URL(url), token: tokenIn(tokenEnv) };
}
