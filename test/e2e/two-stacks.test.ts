/**
 * Two real stacks on a real tailnet, with real gateways; only the language model is scripted. The parts share one
 * ground and run in this order: each leaves both stacks working, and the last looks for secrets in what all of them
 * left behind.
 */
import { afterAll, beforeAll } from 'vitest';
import { endGround, startGround, type Ground } from '../harness/ground.ts';
import { agentTools } from './parts/agent-tools.ts';
import { badStarts } from './parts/bad-starts.ts';
import { closedDoors } from './parts/closed-doors.ts';
import { door } from './parts/door.ts';
import { faults, SHORT } from './parts/faults.ts';
import { hardening } from './parts/hardening.ts';
import { leaks } from './parts/leaks.ts';
import { messages } from './parts/messages.ts';
import { narrowAgent } from './parts/narrow-agent.ts';
import { outages, SHORT_OUTAGES } from './parts/outages.ts';
import { pairing } from './parts/pairing.ts';
import { pingPong } from './parts/ping-pong.ts';
import { restore } from './parts/restore.ts';
import { secrets } from './parts/secrets.ts';
import { stockPeer } from './parts/stock-peer.ts';

let ground: Ground | undefined;

function withGround(): Ground {
  if (ground === undefined) throw new Error('the ground did not start: see the first error');
  return ground;
}

beforeAll(async () => {
  ground = await startGround({ withStockPeer: true });
});
afterAll(async () => {
  if (ground !== undefined) await endGround(ground);
});

messages(withGround);
agentTools(withGround);
stockPeer(withGround);
closedDoors(withGround);
door(withGround);
hardening(withGround);
outages(withGround, SHORT_OUTAGES);
leaks(withGround);
badStarts(withGround);
faults(withGround, SHORT);
narrowAgent(withGround);
pingPong(withGround);
pairing(withGround);
restore(withGround);
secrets(withGround);
