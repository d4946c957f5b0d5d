/**
 * Requests that are made up from the API's own description: as it says, and nearly so.
 *
 * Whatever is asked, there is an answer soon, and one that the description promises (`ask` sees to that). What fails says why
 * with a code of ours: nothing is an error that nobody thought of. An agent gets nothing of what is the owner's.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PeerName } from '../../src/core/peer.ts';
import { newPeerToken } from '../../src/digests.ts';
import {
  AGENT,
  ask,
  OWNER,
  startLocalStack,
  type Answered,
  type LocalStack,
} from '../harness/local-stack.ts';
import { tailnetNode } from '../harness/fake-tailnet.ts';
import {
  operationsOf,
  requestsOf,
  type ApiDescription,
  type Described,
  type Tried,
} from '../harness/openapi-requests.ts';
import { printSize } from '../harness/print-size.ts';
import { sampleInbound, sampleInvite, sampleOutbound } from '../harness/samples.ts';
import type { Words } from '../harness/schema-values.ts';

/** The same requests in every run. */
const SEED = 20_261_124;
const RUNS = 100;
const SOON_MS = 5_000;

/** What a caller may be answered before it is looked at who it is. */
const BEFORE_THE_ROLE = ['local-body-too-large', 'local-type-unknown', 'input-invalid'];

/** Failures of what stands around the proxy, each with words of its own. */
const TOLD_FAILURES = [
  'gateway-unreachable',
  'gateway-incompatible',
  'peer-unreachable',
  'tailnet-unavailable',
];

/** Nobody asks for anything to be done to this one: messages need a peer that stays. */
const KEEPER = 'keeper' as PeerName;

const WORDS: Words = {
  to: ['erin', 'frank'],
  alias: ['inbox', 'handoff', 'any'],
  sessionKey: ['agent:main:peer-bob', 'agent:main:main'],
  session: ['agent:main:main'],
  port: [18_789],
  replySession: ['agent:main:peer-bob'],
  conversation: ['conversation-in-0'],
  text: ['hello'],
  direction: ['inbound', 'outbound'],
  message: ['in-0'],
  waitSeconds: [0, 0.01],
  since: ['0.0.0'],
  token: [newPeerToken()],
};

async function populated(): Promise<LocalStack> {
  const stack = await startLocalStack();
  for (const name of ['bob', KEEPER]) stack.addPeer(name);
  stack.gateway.sessions = {
    sessions: [{ sessionKey: 'agent:main:main', agentId: 'main', usedAt: 0 }],
    total: 1,
  };
  stack.gateway.running = new Set(['agent:main:main']);
  stack.gateway.pair = { kind: 'paired', scopes: ['operator.read'], excess: [], approvedSilently: false };
  return stack;
}

/** Something new of each kind, which no operation before has used up; answers the words for it. */
function more(stack: LocalStack, n: number): Words {
  const lasting = { peer: KEEPER, createdAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
  stack.addPeer(`old${n}`);
  stack.store.outbox.add(sampleOutbound(`out-${n}`, { ...lasting, hold: 'grant' }));
  stack.store.inbox.accept(sampleInbound(`in-${n}`, { ...lasting, hold: 'grant' }));
  const peer = `invited-${n}` as PeerName;
  stack.store.pairings.addInvite(sampleInvite(`invite-${n}`, { ...lasting, peer }));
  stack.tailnet.peers.push(tailnetNode(`nnew${n}`, `100.64.1.${n + 1}`));
  const names = ['bob', `old${n}`, `new${n}`];
  return {
    ...WORDS,
    peer: names,
    name: names,
    id: [`out-${n}`, `task-in-${n}`, `invite-${n}`],
    node: [`nnew${n}`],
    nodeId: ['nbob', `nold${n}`],
  };
}

/** Needs a code that another stack made. */
const OUT_OF_REACH = ['post-invites-accept'];

/** What ends a peer or stops everything comes last, so that the others are tried on something. */
const endsSomething = ({ path }: Described) => /pause|revoke|rename|rebind|cancel|refuse|approve/.test(path);

function checkRole({ operation }: Described, { asking }: Tried, { status, json }: Answered): void {
  const roles = operation['x-roles'];
  const role = asking.token === OWNER ? 'owner' : asking.token === AGENT ? 'agent' : null;
  if (roles.length === 0 || (role !== null && roles.includes(role))) return;
  const refused = role === null ? 'local-token-refused' : 'local-role-refused';
  expect(status).toBeGreaterThanOrEqual(400);
  expect([refused, ...BEFORE_THE_ROLE]).toContain(json['code']);
}

/** Answers whether it was a success. */
async function tryOne(stack: LocalStack, described: Described, tried: Tried): Promise<boolean> {
  const signal = AbortSignal.timeout(SOON_MS);
  const answer = await ask(stack.port, tried.target, { ...tried.asking, signal });
  if (answer.status >= 500) expect(TOLD_FAILURES).toContain(answer.json['code']);
  checkRole(described, tried, answer);
  return answer.status < 300;
}

it(
  'answers every request soon, as described, and an agent none of the owner’s',
  { timeout: 180_000 },
  async () => {
    const stack = await populated();
    const document = (await ask(stack.port, '/api/v1/openapi.json')).json as unknown as ApiDescription;
    const all = operationsOf(document);
    const inOrder = [...all.filter((one) => !endsSomething(one)), ...all.filter(endsSomething)];
    const reached = new Set(OUT_OF_REACH);
    let tried = 0;
    for (const [n, described] of inOrder.entries()) {
      const property = fc.asyncProperty(requestsOf(described, more(stack, n)), async (request) => {
        tried += 1;
        if (await tryOne(stack, described, request)) reached.add(described.operation.operationId);
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS });
      await ask(stack.port, '/api/v1/resume', { method: 'POST' });
    }
    expect(stack.log.text()).not.toContain('internal-error');
    // Or this would be a test of the door alone.
    const names = all.map(({ operation }) => operation.operationId);
    expect(names.filter((name) => !reached.has(name))).toEqual([]);
    printSize('requests', `${tried} to ${inOrder.length} operations, seed ${SEED}`);
  },
);
