import type Docker from 'dockerode';
import { logsOf, startContainer } from '../../src/lab/containers.ts';
import { eventually } from '../../src/lab/eventually.ts';
import { labImage } from '../../src/lab/images.ts';
import type { LabName } from '../../src/lab/names.ts';
import { requestFrom } from '../../src/lab/probes.ts';

/** A listener to which attacks point and which nobody may ask. */
export interface Canary {
  readonly url: string;
  /** Connections that came, the one that showed that it can be reached apart. */
  readonly visits: () => Promise<number>;
}

const LISTEN = `
require('node:http').createServer((_, answer) => answer.end('seen'))
  .on('connection', () => console.log('visit')).listen(8080);`;
const URL = 'http://canary:8080/';

/** @param from container of the stack that is attacked: the canary stands where that one can reach it */
export async function startCanary(docker: Docker, lab: LabName, from: string): Promise<Canary> {
  const container = await startContainer(docker, lab, {
    name: 'canary',
    image: labImage('NODE_BASE'),
    entrypoint: ['node'],
    command: ['-e', LISTEN],
    user: '1000:1000',
  });
  const count = async () => (await logsOf(docker, container)).split('visit').length - 1;
  const ask = () => requestFrom(docker, from, { url: URL, method: 'GET' });
  await eventually('the canary can be reached', ask, ({ status }) => status === 200);
  const before = await count();
  if (before === 0) throw new Error('the canary does not tell of its visits');
  return { url: URL, visits: async () => (await count()) - before };
}
