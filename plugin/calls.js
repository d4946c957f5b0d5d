import { readArguments, readNumber } from './arguments.js';
import { PeerToolError } from './errors.js';
import { inboxLines } from './inbox-words.js';
import { stepAfter } from './next-step.js';
import { knownPeers, peerDetails, peerLine } from './peers.js';
import { failed, isOver, messageResult, result } from './results.js';
import { INBOX_LIMIT, WAIT_SECONDS } from './tools.js';

/** @typedef {import('./types.d.ts').Api} Api */
/** @typedef {import('./types.d.ts').Calling} Calling */
/** @typedef {import('./types.d.ts').Message} Message */
/** @typedef {import('./types.d.ts').Sent} Sent */
/** @typedef {Readonly<Record<string, unknown>>} Draft */

const WAIT = { least: 0, ...WAIT_SECONDS };
const LIMIT = { least: 1, ...INBOX_LIMIT };

/**
 * @param {Api} api
 * @param {string} id
 * @param {number} seconds
 * @returns {Promise<Message>}
 */
function look(api, id, seconds) {
  return api.get(`/messages/${encodeURIComponent(id)}?waitSeconds=${seconds}`, seconds * 1000);
}

/** @param {Calling} calling */
async function peerList({ params, api }) {
  readArguments('peer_list', params);
  const peers = await knownPeers(api);
  const lines = peers.length === 0 ? ['There are no peers: your human can pair one.'] : peers.map(peerLine);
  return result(lines, { ok: true, peers: peers.map(peerDetails) });
}

/**
 * A session without a name that lasts cannot be proved to be the caller: what it sends goes as that of no known session,
 * which is judged by the most that any session here has read.
 * @param {Api} api
 * @param {Draft} draft
 * @returns {Promise<Sent>}
 */
async function submit(api, draft) {
  try {
    return await api.post('/messages', draft);
  } catch (error) {
    const isNameless = error instanceof PeerToolError && error.code === 'session-key-invalid';
    if (!isNameless || draft['replyToSession'] === true) throw error;
    return api.post('/messages', { ...draft, session: undefined });
  }
}

/**
 * What was sent is known by its id before it is waited for: whatever ends the waiting, nothing has to be sent again.
 * @param {Api} api
 * @param {Sent} sent
 * @param {number} seconds
 */
async function waited(api, sent, seconds) {
  // Of what is held, the agent is told at once: a person may take hours.
  if (seconds === 0 || sent.state === 'held' || isOver(sent.state)) return sent;
  try {
    return await look(api, sent.id, seconds);
  } catch (error) {
    if (error instanceof PeerToolError) return sent;
    throw error;
  }
}

/**
 * A model that knows the names does not guess them.
 * @param {PeerToolError} error
 * @param {Api} api
 */
async function unknownPeer(error, api) {
  const names = (await knownPeers(api)).map(({ name }) => name);
  const advice = stepAfter(error.code, error.fix).text;
  return failed(
    error,
    names.length === 0
      ? 'There are no peers: tell your human'
      : `The peers are: ${names.join(', ')}. ${advice}`,
  );
}

/** @param {Calling} calling */
async function peerSend({ params, api, session }) {
  const { waitSeconds, ...wish } = readArguments('peer_send', params);
  const seconds = readNumber('waitSeconds', waitSeconds, WAIT);
  try {
    const sent = await submit(api, { ...wish, ...(session === null ? {} : { session }) });
    const replyToSession = wish['replyToSession'] === true;
    return messageResult(await waited(api, sent, seconds), sent.warnings ?? [], { replyToSession });
  } catch (error) {
    if (error instanceof PeerToolError && error.code === 'peer-not-found') return unknownPeer(error, api);
    throw error;
  }
}

/** @param {Calling} calling */
async function peerWait({ params, api }) {
  const { id, waitSeconds } = readArguments('peer_wait', params);
  return messageResult(await look(api, String(id), readNumber('waitSeconds', waitSeconds, WAIT)), []);
}

/** @param {Calling} calling */
async function peerInbox({ params, api, session }) {
  const limit = readNumber('limit', readArguments('peer_inbox', params)['limit'], LIMIT);
  if (session === null)
    throw new PeerToolError('session-key-invalid', 'the gateway names no session for this call', '');
  /** @type {{ messages: import('./types.d.ts').SessionMessage[] }} */
  const { messages } = await api.get(`/inbox?session=${encodeURIComponent(session)}&limit=${limit}`);
  return result(inboxLines(messages), { ok: true, count: messages.length });
}

/** @type {Readonly<Record<import('./types.d.ts').ToolName, (calling: Calling) => Promise<import('./types.d.ts').Result>>>} */
export const TOOL_CALLS = {
  peer_list: peerList,
  peer_send: peerSend,
  peer_wait: peerWait,
  peer_inbox: peerInbox,
};
