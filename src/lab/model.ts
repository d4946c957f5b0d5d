import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { startContainer } from './containers.ts';
import { eventually } from './eventually.ts';
import { labImage } from './images.ts';
import type { LabName, StackName } from './names.ts';
import { requestFrom } from './probes.ts';
import type { ModelCall, ModelRecord } from './scripted-model.ts';

/** The scripted language model of both gateways. */
export interface Model {
  readonly container: string;
  /** What the stack's gateway asked it, oldest first. */
  records(stack: StackName): Promise<readonly ModelRecord[]>;
  /** The same without what stands before each question: small, however long the sessions are. */
  calls(stack: StackName): Promise<readonly ModelCall[]>;
}

/** Base URL under which a stack's gateway finds the model on the lab's network. */
export const modelUrl = (stack: StackName) => `http://model:8080/${stack}/v1`;

export async function startModel(docker: Docker, lab: LabName): Promise<Model> {
  const script = fileURLToPath(new URL('./scripted-model.ts', import.meta.url));
  const container = await startContainer(docker, lab, {
    name: 'model',
    image: labImage('NODE_BASE'),
    entrypoint: ['node'],
    command: ['/scripted-model.ts'],
    binds: [`${script}:/scripted-model.ts:ro`],
    env: { PORT: '8080' },
    user: '1000:1000',
  });
  await eventually(
    'the scripted model answers',
    () => read(docker, container, 'records'),
    ({ status }) => status === 200,
  );
  return modelHandle(docker, container);
}

const read = (docker: Docker, container: string, what: 'records' | 'calls') =>
  requestFrom(docker, container, { url: `http://127.0.0.1:8080/${what}`, method: 'GET' });

/** Of one that runs already. */
export function modelHandle(docker: Docker, container: string): Model {
  const readOf = async <T extends ModelCall>(what: 'records' | 'calls', stack: StackName) => {
    const { body } = await read(docker, container, what);
    return (JSON.parse(body) as T[]).filter((record) => record.stack === stack);
  };
  return {
    container,
    records: (stack) => readOf<ModelRecord>('records', stack),
    calls: (stack) => readOf<ModelCall>('calls', stack),
  };
}
