import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { startContainer } from './containers.ts';
import { eventually } from './eventually.ts';
import { labImage } from './images.ts';
import type { LabName, StackName } from './names.ts';
import { requestFrom } from './probes.ts';
import type { ModelCall, ModelRecord } from './scripted-model.ts';

/** Whose gateway asks: a stack's, or that of the OpenClaw without one. */
export type Asker = StackName | 'stock';

/** The scripted language model of all gateways. */
export interface Model {
  readonly container: string;
  /** What one gateway asked it, oldest first. */
  records(asker: Asker): Promise<readonly ModelRecord[]>;
  /** The same without what stands before each question: small, however long the sessions are. */
  calls(asker: Asker): Promise<readonly ModelCall[]>;
}

/** Base URL under which a gateway finds the model on the lab's network. */
export const modelUrl = (asker: Asker) => `http://model:8080/${asker}/v1`;

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
  const readOf = async <T extends ModelCall>(what: 'records' | 'calls', asker: Asker) => {
    const { body } = await read(docker, container, what);
    return (JSON.parse(body) as T[]).filter((record) => record.stack === asker);
  };
  return {
    container,
    records: (asker) => readOf<ModelRecord>('records', asker),
    calls: (asker) => readOf<ModelCall>('calls', asker),
  };
}
