import type Docker from 'dockerode';
import { execIn, mustExec } from '../../src/lab/exec.ts';
import type { Stack } from '../../src/lab/stack.ts';

const FOLDER = '/tmp/answering';

/**
 * Beside the gateway: sends the next round in the same conversation, by the loopback API and in the agent's role, naming no
 * hop. Its text makes the other model do the same.
 */
const SCRIPT = `
const { readFileSync } = require('node:fs');
const { token, peer } = JSON.parse(readFileSync('${FOLDER}/agent.json', 'utf8'));
const [conversation, round] = process.argv.slice(2);
const command = 'node ${FOLDER}/answer.cjs ' + conversation + ' ' + (Number(round) + 1);
const text = 'round ' + round + ': use the tool exec with ' + JSON.stringify({ command });
fetch('http://127.0.0.1:18790/api/v1/messages', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' },
  body: JSON.stringify({ peer, alias: 'handoff', conversation, text }),
}).then(async (answer) => console.log(answer.status, answer.ok ? '' : await answer.text()));`;

/** What makes the scripted model of the receiver answer with a new message, and so on. */
export function roundText(conversation: string, round: number): string {
  const command = `node ${FOLDER}/answer.cjs ${conversation} ${round + 1}`;
  return `round ${round}: use the tool exec with ${JSON.stringify({ command })}`;
}

/** Gives a gateway's agent what it needs to answer every message by a new one to this peer. */
export async function teachToAnswer(docker: Docker, stack: Stack, peer: string): Promise<void> {
  const gateway = stack.container('gateway');
  const token = (await mustExec(docker, stack.container('proxy'), ['cat', '/data/agent-token'])).trim();
  const write = (file: string) => ['sh', '-c', `umask 077 && mkdir -p ${FOLDER} && cat > ${FOLDER}/${file}`];
  await mustExec(docker, gateway, write('agent.json'), JSON.stringify({ token, peer }));
  await mustExec(docker, gateway, write('answer.cjs'), SCRIPT);
}

export async function unteach(docker: Docker, stack: Stack): Promise<void> {
  await execIn(docker, stack.container('gateway'), ['rm', '-rf', FOLDER]);
}
