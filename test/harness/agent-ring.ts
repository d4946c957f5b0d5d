import { expect, onTestFinished } from 'vitest';
import { startFakeGateway, type FakeGateway } from './fake-gateway.ts';
import { createMachines, type Machine } from './stack-process.ts';

/** One machine of a ring: what stands in its agent's sessions is what its gateway was handed. */
export interface RingMember {
  readonly machine: Machine;
  /** How many messages of peers its agent was shown. */
  readonly turns: () => number;
  readonly held: () => Promise<readonly Held[]>;
}

/** A line of `GET /held`, as far as a ring is about it. */
export interface Held {
  readonly id: string;
  readonly direction: string;
  readonly peer: string;
  readonly place: string;
  readonly reason: string;
}

/** An agent that nothing stopped would go on for ever; this many answers are more than any guard lets through. */
const MOST_ANSWERS = 15;

async function pair(maker: Machine, taker: Machine): Promise<void> {
  const made = await maker.post('/invites', { peer: taker.name });
  await taker.post('/invites/accept', { code: made.json['code'] });
  await taker.post(`/peers/${maker.name}/confirm`);
  await maker.post(`/peers/${taker.name}/confirm`);
  const states = async () => {
    const [at, back] = [await maker.api(`/peers/${taker.name}`), await taker.api(`/peers/${maker.name}`)];
    return [at, back].map(({ json }) => (json['peer'] as { state: string }).state);
  };
  await expect.poll(states, { timeout: 15_000, interval: 100 }).toEqual(['active', 'active']);
}

/** An agent that answers every turn by a new message to the next machine, and names nothing that the message goes on with. */
async function startAgent(
  answer: () => Promise<unknown>,
): Promise<{ gateway: FakeGateway; turns: () => number }> {
  let turns = 0;
  const gateway = await startFakeGateway({
    autoApprove: true,
    reply: async () => {
      turns += 1;
      if (turns <= MOST_ANSWERS) await answer();
      return 'I passed it on';
    },
  });
  onTestFinished(() => gateway.crash());
  return { gateway, turns: () => turns };
}

/** Whole proxies, each with an agent that passes on to the next whatever it is sent, the last to the first. */
export async function startRing(names: readonly string[]): Promise<readonly RingMember[]> {
  const machines = new Map<string, Machine>();
  const agents = await Promise.all(
    names.map((name, index) => {
      const next = names[(index + 1) % names.length];
      return startAgent(async () =>
        machines.get(name)?.submitAsAgent({ peer: next, alias: 'inbox', text: `${name} passes it on` }),
      );
    }),
  );
  const urls = new Map(names.map((name, index) => [name, agents[index]?.gateway.url ?? '']));
  const made = await createMachines(names, (name) => ({ AGENT_PEER_GATEWAY_URL: urls.get(name) ?? '' }));
  for (const machine of made) machines.set(machine.name, machine);
  await Promise.all(made.map((machine) => machine.start()));
  for (const [index, machine] of made.entries())
    await machine.post('/gateway/pair', { token: agents[index]?.gateway.sharedToken });
  for (const [index, machine] of made.entries()) {
    const next = made[(index + 1) % made.length];
    if (next !== undefined) await pair(machine, next);
  }
  return made.map((machine, index) => ({
    machine,
    turns: () => agents[index]?.turns() ?? 0,
    held: async () => (await machine.api('/held')).json['held'] as readonly Held[],
  }));
}
