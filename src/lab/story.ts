import { writeFile } from 'node:fs/promises';
import { connectEngine } from './engine.ts';
import { exchange, type Exchange } from './exchange.ts';
import { pairLab, startLab, type Lab } from './lab.ts';
import { statusOf, sessionFor, type StatusView } from './pairing.ts';
import { tryRefusals, type RefusalSeen } from './refusals.ts';
import { startStranger, type Stranger } from './stranger.ts';
import { heading, quote, tell, withProgress } from './tell.ts';

export const LAB = { lab: 'agent-peer-lab' };

const TEXT =
  'Morning handoff: the backup finished at 04:12, two tests are red, the release waits for your review.';

interface Evidence {
  readonly nodes: readonly StatusView[];
  readonly exchange: Exchange;
  readonly refusals: readonly RefusalSeen[];
}

async function showNodes({ stacks }: Lab): Promise<readonly StatusView[]> {
  const views = await Promise.all([statusOf(stacks.a), statusOf(stacks.b)]);
  views.forEach(({ node }) => tell('node', `${node.dnsName} ${node.ipv4} (node id ${node.nodeId})`));
  return views;
}

function showExchange({ sent, message, shown, tookMs }: Exchange, session: string): void {
  heading(`a -> b, alias handoff (session ${session} at b), message ${message.id}`);
  quote(sent);
  heading("What b's model was shown");
  quote(shown.asked);
  heading(`The reply at a, after ${(tookMs / 1000).toFixed(1)} s`);
  quote(message.reply ?? '(none)');
}

function showRefusals(refusals: readonly RefusalSeen[]): void {
  heading('What does not work');
  for (const { tried, answer, refused } of refusals)
    tell(refused ? 'refused' : 'NOT REFUSED', `${tried}: ${answer}`);
}

async function start(): Promise<{ lab: Lab; stranger: Stranger }> {
  const docker = await connectEngine();
  heading('Starting two stacks on one tailnet');
  const lab = await withProgress('waiting for both stacks', startLab(docker, LAB, tell));
  const stranger = await withProgress('waiting for the third node', startStranger(docker, LAB, lab.control));
  return { lab, stranger };
}

/** The whole main job. @throws when any part of it is not as it must be. */
export async function runStory(evidenceFile?: string): Promise<void> {
  const { lab, stranger } = await start();
  const nodes = await showNodes(lab);
  const pairing = await withProgress('waiting for both gateways', pairLab(lab, tell));
  const { a, b } = lab.stacks;
  const seen = await withProgress('waiting for the reply', exchange(a, b, lab.model, TEXT));
  showExchange(seen, sessionFor(a));
  const refusals = await withProgress('trying what must not work', tryRefusals(lab, stranger, pairing));
  showRefusals(refusals);
  const evidence: Evidence = { nodes, exchange: seen, refusals };
  if (evidenceFile !== undefined) await writeFile(evidenceFile, `${JSON.stringify(evidence, null, 2)}\n`);
  if (refusals.some(({ refused }) => !refused)) throw new Error('something was not refused that must be');
  heading('The lab is running. npm run lab -- status | send "text" | pattern handoff | logs | down');
}
