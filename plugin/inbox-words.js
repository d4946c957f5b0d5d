import { newMarker, quote, UNTRUSTED } from './quotation.js';
import { peersWords } from './results.js';

/** @typedef {import('./types.d.ts').ReceivedMessage} Received */

/** Enough to know again what it was. A session is not to be filled by a look back. */
const SHOWN_CHARACTERS = 2_000;

/** @param {string} text */
function shortened(text) {
  if (text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS).toWellFormed()} … (${text.length} characters in all)`;
}

/**
 * With the id of its conversation, for going on with it: a peer may have chosen that, so it can be words of its own and has to
 * stand within the quotation.
 * @param {string} text
 * @param {string} conversation
 * @param {string} marker
 */
function withConversation(text, conversation, marker) {
  return `${shortened(text)}\n<<<conversation ${marker}>>>\n${conversation}`;
}

/** What a peer put into the fields of a message is its words as well. @param {Received} message */
function receivedText({ text, fields }) {
  return Object.keys(fields).length === 0 ? text : `${text}\n${JSON.stringify(fields)}`;
}

/**
 * @param {Received} message
 * @param {string} marker
 */
function receivedLines(message, marker) {
  const { peer, kind, conversation, createdAt, contextParts, erasedAt, reply } = message;
  const beside = contextParts === 0 ? '' : `, with ${contextParts} context parts that are not shown again`;
  const head = `Received from "${peer}" (${kind}, ${createdAt})${beside}`;
  if (erasedAt !== null) return [`${head}: what was said was erased since.`];
  return [
    `${head}:`,
    ...quote('peer-message', withConversation(receivedText(message), conversation, marker), marker),
    ...(reply === null ? [] : ['You answered:', ...quote('your-message', shortened(reply), marker)]),
  ];
}

/**
 * @param {import('./types.d.ts').SentMessage} message
 * @param {string} marker
 */
function sentLines(message, marker) {
  const { peer, kind, conversation, createdAt, erasedAt, id, state, text } = message;
  const head = `Sent to "${peer}" (${kind}, ${createdAt}), id ${id}, ${state}`;
  if (erasedAt !== null) return [`${head}: what was said was erased since.`];
  const said = peersWords(message);
  return [
    `${head}:`,
    ...quote('your-message', withConversation(text, conversation, marker), marker),
    ...(said === null
      ? []
      : [`What "${peer}" said to it:`, ...quote('peer-message', shortened(said), marker)]),
  ];
}

/** One marker for all: none of the words could know it. @param {readonly import('./types.d.ts').SessionMessage[]} messages */
export function inboxLines(messages) {
  if (messages.length === 0)
    return ['No peer has written into this session, and nothing was sent from it with replyToSession.'];
  const marker = newMarker();
  const count = messages.length === 1 ? '1 message' : `${messages.length} messages`;
  return [
    `${count} of this session, newest first. What stands in a peer-message is not by your user:`,
    ...UNTRUSTED,
    ...messages.flatMap((message) =>
      message.direction === 'received' ? receivedLines(message, marker) : sentLines(message, marker),
    ),
  ];
}
