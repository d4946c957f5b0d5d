import type Docker from 'dockerode';
import { removeLab } from './cleanup.ts';
import { connectEngine } from './engine.ts';
import { send } from './exchange.ts';
import type { PairedName } from './lab.ts';
import { modelHandle } from './model.ts';
import { containerOf, LABEL, SERVICES, type Service } from './names.ts';
import { askAgent, isPattern, PATTERNS, replyToldIn, useMcpTool } from './patterns.ts';
import { stackHandle } from './stack.ts';
import { LAB } from './story.ts';
import { heading, quote, tell } from './tell.ts';

const PAIRED: readonly PairedName[] = ['a', 'b'];

/** The engine that the lab runs on. @throws when there is no lab to talk to. */
async function runningLab(): Promise<Docker> {
  const docker = await connectEngine();
  const containers = await docker.listContainers({ filters: { label: [`${LABEL}=${LAB.lab}`] } });
  if (containers.length === 0) throw new Error('no lab is running. Start it with: npm run lab');
  return docker;
}

export async function status(): Promise<void> {
  const docker = await runningLab();
  for (const name of PAIRED) {
    heading(`stack ${name}`);
    const { stdout, stderr } = await stackHandle(docker, LAB, name).cli(['status']);
    quote((stdout || stderr).trim());
  }
}

export async function sendText(text: string): Promise<void> {
  const docker = await runningLab();
  const message = await send(stackHandle(docker, LAB, 'a'), 'b', 'handoff', text);
  tell(message.state, message.detail ?? message.id);
  if (message.reply !== null) quote(message.reply);
  if (message.state !== 'answered') throw new Error(`message ${message.id} was not answered`);
}

/** One of the four daily patterns, by a's own agent with its tool: what it wrote, what came of it, and what it cost. */
export async function pattern(word: string): Promise<void> {
  if (!isPattern(word))
    throw new Error(`no pattern "${word}": choose one of ${Object.keys(PATTERNS).join(', ')}`);
  const docker = await runningLab();
  const model = modelHandle(docker, containerOf(LAB, 'model'));
  const since = Date.now();
  const asked = async (name: PairedName) => (await model.calls(name)).filter(({ at }) => at >= since);
  const call = { peer: 'b', alias: 'handoff', kind: word, ...PATTERNS[word], waitSeconds: 60 };
  const answer = await askAgent(docker, stackHandle(docker, LAB, 'a'), useMcpTool('peer_send', call));
  const [byA, byB] = [await asked('a'), await asked('b')];
  if (byB[0] === undefined) throw new Error(`b's agent was asked nothing. a's agent says: ${answer}`);
  heading("What a's agent gives to peer_send");
  quote(JSON.stringify(call, null, 2));
  heading("What b's model is shown");
  quote(byB[0].asked);
  heading("What peer_send tells a's agent");
  quote(replyToldIn(answer));
  heading(`Model calls: ${byA.length} by a, ${byB.length} by b`);
}

function isService(name: string): name is Service {
  return (SERVICES as readonly string[]).includes(name);
}

export async function logs(service: string): Promise<void> {
  if (!isService(service)) throw new Error(`no service "${service}": choose one of ${SERVICES.join(', ')}`);
  const docker = await runningLab();
  for (const name of PAIRED) {
    heading(`stack ${name}, ${service}`);
    quote((await stackHandle(docker, LAB, name).logs(service)).trim());
  }
}

export async function down(): Promise<void> {
  const removed = await removeLab(await connectEngine(), LAB);
  tell(
    'down',
    `removed ${removed.containers} containers, ${removed.networks} networks, ${removed.volumes} volumes`,
  );
}
