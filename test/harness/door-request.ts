/** A cell of the negative matrix as a request, and as the question that the judge must be asked about it. */
import { parseAlias } from '../../src/core/alias.ts';
import type { Operation } from '../../src/core/decision.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { createDigests } from '../../src/digests.ts';
import { addressedAlias, peerOf, type City } from './door-city.ts';
import type { Cell } from './door-cells.ts';
import { sessionOf } from './door-proxy.ts';
import type { Sent } from './peer-listener.ts';
import { NO_LOAD } from './budgets.ts';

const PATHS = { a2a: '/a2a/v1/handoff', 'tools-invoke': '/tools/invoke', pair: '/pair' } as const;
const A_TOKEN = `apt_${'x'.repeat(43)}`;
/** Of no invite. */
const SECRET = 'guess-guess-guess-guess';
const PAIR_BODIES = {
  claim: { type: 'claim', secret: SECRET, token: A_TOKEN, offers: ['inbox'], confirmed: true },
  news: { type: 'news', confirmed: true, ready: true },
  rotate: { type: 'rotate', token: A_TOKEN },
} as const;
const AGENTS = { unsaid: null, right: 'main', wrong: 'other' } as const;
const digests = createDigests();

/** The task that the cell's call is about. */
export function taskOf(city: City, cell: Cell): string {
  const { call } = cell;
  if (!('task' in call) || call.task === 'never') return 'task-that-never-was';
  if (call.task === 'carols') return city.task('carol', 'carols', 'done');
  return city.task(peerOf(cell), addressedAlias(cell), call.kind === 'cancel' ? 'waiting' : 'done');
}

function toolBody(cell: Cell, agent: keyof typeof AGENTS, text: string): string {
  // Whoever learnt a session key has learnt nothing: here it is only a bad alias.
  const sessionKey = cell.grant === 'no-alias' ? sessionOf(peerOf(cell), 'aside') : addressedAlias(cell);
  const agentId = AGENTS[agent];
  const args = { sessionKey, message: text, ...(agentId === null ? {} : { agentId }) };
  return JSON.stringify({ tool: 'sessions_send', args });
}

function rpcBody(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 'cell', method, params });
}

/** `n` makes the message one that was never sent before. */
export function requestOf(cell: Cell, task: string, n: number): Sent {
  const { call } = cell;
  switch (call.kind) {
    case 'card':
      return { method: 'GET', path: '/.well-known/agent-card.json' };
    case 'health':
      return { method: 'GET', path: '/health' };
    case 'garbage':
      return { path: PATHS[call.surface], body: '{"jsonrpc":' };
    case 'pair':
      return { path: '/pair', body: JSON.stringify(PAIR_BODIES[call.type]) };
    case 'tool':
      return { path: '/tools/invoke', body: toolBody(cell, call.agent, `hello ${n}`) };
    case 'send':
    case 'read':
    case 'cancel':
    case 'unserved': {
      const path = call.path === 'default' ? '/a2a/v1' : `/a2a/v1/${addressedAlias(cell)}`;
      const message = { messageId: `m-${n}`, role: 'ROLE_USER', parts: [{ text: `hello ${n}` }] };
      return { path, body: rpcBody(call.method, call.kind === 'send' ? { message } : { id: task }) };
    }
  }
}

/** Everything that is known for certain about the cell's request, at the time of the door's clock. */
export function factsOf({ door, sentBy }: City, cell: Cell, operation: Operation): Facts {
  const { token, from } = sentBy(cell);
  const nodeId = door.tailnet.peers.find(({ ipv4 }) => ipv4 === from)?.nodeId ?? null;
  const caller = { presented: token === null ? null : digests.token(token), nodeId };
  const parsed = parseAlias(addressedAlias(cell));
  const alias = parsed.ok ? parsed.value : null;
  switch (operation) {
    case 'message-send': {
      const owner = (cell.caller.token === 'carols' ? 'carol' : peerOf(cell)) as PeerName;
      const usage = alias === null ? null : door.store().inbox.usage(owner, alias, door.clock.now());
      return {
        operation,
        ...caller,
        alias,
        usage,
        load: NO_LOAD,
        agent: cell.call.kind === 'tool' ? AGENTS[cell.call.agent] : null,
      };
    }
    case 'task-read':
    case 'task-cancel':
      return { operation, ...caller, alias };
    case 'message-submit':
      return { operation, peer: null, alias, looksSecret: false };
    case 'liveness-read':
    case 'health-read':
    case 'card-read':
    case 'pairing-continue':
    case 'token-rotate':
      return { operation, ...caller };
    case 'invite-claim':
      return { operation, ...caller, secret: digests.token(SECRET), invites: [] };
  }
}
