import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json as readJson } from 'node:stream/consumers';

/** Where an OpenClaw's A2A channel sends from, and to whom. */
export interface StockSender {
  readonly address: string;
  /** What it calls the peer: the conversation of all that it sends is named after that. */
  readonly peerName: string;
  /** Where the peer listens, and what is presented there. */
  readonly url: string;
  readonly outboundToken: string;
}

/** What its fetch adds to the two headers that the channel sets. */
const FETCH_HEADERS = {
  accept: '*/*',
  'accept-language': '*',
  'user-agent': 'undici',
  'accept-encoding': 'gzip, deflate',
};

async function post(options: StockSender, method: string, text: string) {
  const message = {
    messageId: randomUUID(),
    role: 'ROLE_USER',
    contextId: `ctx-oc-${options.peerName}`,
    parts: [{ text }],
  };
  const params = { message, configuration: { returnImmediately: true } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: randomUUID(), method, params });
  const call = request(options.url, {
    method: 'POST',
    localAddress: options.address,
    agent: false,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${options.outboundToken}`,
      ...FETCH_HEADERS,
      'content-length': Buffer.byteLength(body),
    },
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
  return (await readJson(response)) as { error?: { message: string }; result?: { task?: { id?: string } } };
}

/** Sends as the channel does. @returns the peer's task id. @throws as the tool fails */
export async function sendAsStock(sender: StockSender, text: string): Promise<string> {
  let said = await post(sender, 'SendMessage', text);
  if (said.error?.message.startsWith('Method not found') === true)
    said = await post(sender, 'message/send', text);
  if (said.error !== undefined) throw new Error(said.error.message);
  return said.result?.task?.id ?? '';
}
