/** The A2A project's own client, calling from the address and with the token of a peer. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import type { Caller } from './door-proxy.ts';

/** The global fetch cannot choose where it calls from. `asked`: every URL, in order. */
function fetchAs({ token, from }: Caller, asked: string[]): typeof fetch {
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    const method = init.method ?? 'GET';
    const own = { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}` };
    const call = request(url, { method, headers: own, localAddress: from, agent: false });
    call.end(init.body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const headers = { 'content-type': response.headers['content-type'] ?? '' };
    return new Response(await text(response), { status: response.statusCode ?? 0, headers });
  };
}

/** A client that knows the address of a stack and nothing else: it reads the agent card first. */
export async function officialClient(url: string, caller: Caller) {
  const asked: string[] = [];
  const fetchImpl = fetchAs(caller, asked);
  const resolver = new DefaultAgentCardResolver({ fetchImpl });
  const card = await resolver.resolve(url);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the SDK declares its options as a class that nobody can make
  const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })] });
  return { card, asked, client: await factory.createFromAgentCard(card) };
}
