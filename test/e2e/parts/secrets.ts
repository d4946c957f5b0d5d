import { expect, it } from 'vitest';
import { logsOf } from '../../../src/lab/containers.ts';
import { mustExec } from '../../../src/lab/exec.ts';
import { GATEWAY_HOME } from '../../../src/lab/gateway-calls.ts';
import { labImage } from '../../../src/lab/images.ts';
import { nodeProgram } from '../../../src/lab/node-program.ts';
import type { WithGround } from '../../harness/ground.ts';
import { foundIn, foundInStream, knownSecrets, type Wanted } from '../../harness/known-secrets.ts';
import { timedPart } from '../../harness/timed-part.ts';

const WORDS_LENGTH = 10;
const PASSPHRASE = 'nine blue herons over a quiet lake';
/** Everything of the volume but the files that are secrets themselves. */
const READ_DATA = `
const { readdirSync, readFileSync, statSync } = require('node:fs');
const own = ['sealing.key', 'owner-token', 'agent-token'];
const files = readdirSync('/data').filter((name) => !own.includes(name) && statSync('/data/' + name).isFile());
console.log(JSON.stringify(Object.fromEntries(files.map((name) => [name, readFileSync('/data/' + name).toString('base64')]))));`;

/** In the model's own container: all that it was ever shown would be too much to fetch. */
const SEARCH_PROMPTS = `
fetch('http://127.0.0.1:8080/records').then((answer) => answer.text()).then((text) => {
  console.log(JSON.stringify(JSON.parse(stdin).filter(([, value]) => text.includes(value)).map(([what]) => what)));
});`;

export function secrets(ground: WithGround): void {
  timedPart('secrets', () => {
    it('finds the values it looks for where they belong, so that finding none elsewhere means something', async () => {
      const { docker, stacks, sharedTokens } = ground().lab;
      const home = await mustExec(docker, stacks.a.container('gateway'), [
        'cat',
        '/home/node/.openclaw/openclaw.json',
      ]);
      expect(home).toContain(sharedTokens.a);
      const names = new Set((await allSecrets()).map(([what]) => what));
      expect(names.size).toBeGreaterThanOrEqual(24);
    });

    it('finds no secret in any database, audit log or other file of the data volumes', async () => {
      for (const name of ['a', 'b'] as const) {
        const files = await dataFiles(name);
        expect(Object.keys(files)).toEqual(expect.arrayContaining(['agent-peer.db', 'audit.jsonl']));
        for (const [file, bytes] of Object.entries(files)) await expectNone(`${file} of ${name}`, bytes);
      }
    });

    it('finds no secret in a backup, which holds all of them', async () => {
      const { docker, stacks } = ground().lab;
      const proxy = stacks.a.container('proxy');
      await mustExec(docker, proxy, ['sh', '-c', 'umask 077 && cat > /tmp/passphrase'], PASSPHRASE);
      await mustExec(docker, proxy, [
        'agent-peer',
        'backup',
        '/tmp/a.age',
        '--passphrase-file',
        '/tmp/passphrase',
      ]);
      const backup = await mustExec(docker, proxy, ['base64', '-w0', '/tmp/a.age']);
      await mustExec(docker, proxy, ['rm', '/tmp/a.age', '/tmp/passphrase']);
      const bytes = Buffer.from(backup, 'base64');
      expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
      await expectNone('backup of a', bytes);
      await expectNone('log of a', await logsOf(docker, proxy));
    });

    it('finds no secret in any log', async () => {
      for (const name of await containers())
        await expectNone(`log of ${name}`, await logsOf(ground().lab.docker, name));
    });

    it('finds no secret in what the engine tells about any container', async () => {
      for (const name of await containers()) {
        const inspected = await ground().lab.docker.getContainer(name).inspect();
        await expectNone(`docker inspect ${name}`, JSON.stringify(inspected));
      }
    });

    it('finds no secret in what any agent was shown or said, tools and system prompts among it', async () => {
      const { docker, model } = ground().lab;
      const said = (await agentsThatSpoke()).map(({ who, words }) => [`words of ${who}`, words]);
      const secrets = (await allSecrets()).map(([what, value]) => [what, value.toString()]);
      const input = JSON.stringify([...said, ...secrets]);
      const found = await mustExec(docker, model.container, nodeProgram(SEARCH_PROMPTS), input);
      expect(JSON.parse(found)).toEqual(said.map(([what]) => what));
    });

    it('finds no secret in any session of any gateway, of the stock peer’s too', async () => {
      const { docker } = ground().lab;
      for (const { gateway, words } of await agentsThatSpoke()) {
        const files = await docker.getContainer(gateway).getArchive({ path: `${GATEWAY_HOME}/agents` });
        const wanted = [['what was said', Buffer.from(words)] as const, ...(await allSecrets())];
        const found = await foundInStream(files as AsyncIterable<Buffer>, wanted);
        expect(found, `sessions of ${gateway}`).toEqual(['what was said']);
      }
    });

    it('finds no secret in any process list', async () => {
      const { docker } = ground().lab;
      for (const name of await containers('running')) {
        const { Processes } = (await docker.getContainer(name).top({ ps_args: '-ef' })) as {
          Processes: string[][];
        };
        await expectNone(`processes of ${name}`, Processes.flat().join('\n'));
      }
    });

    it('finds no secret in any layer or the history of our images', async () => {
      const { docker } = ground().lab;
      const wanted = await allSecrets();
      for (const image of [labImage('PROXY'), labImage('TAILSCALE'), labImage('NETNS')]) {
        await expectNone(`history of ${image}`, JSON.stringify(await docker.getImage(image).history()));
        const layers = (await docker.getImage(image).get()) as AsyncIterable<Buffer>;
        expect(await foundInStream(layers, wanted), `layers of ${image}`).toEqual([]);
      }
    });
  });

  /** Of each gateway whose agent had a turn, and how its model began an answer: to be found where no secret is. */
  async function agentsThatSpoke() {
    const { model, stacks } = ground().lab;
    const gateways = [
      ['a', stacks.a.container('gateway')],
      ['b', stacks.b.container('gateway')],
      ['stock', (await ground().stock)?.container ?? ''],
    ] as const;
    const all = gateways.map(async ([who, gateway]) => {
      const [first] = await model.calls(who);
      return first === undefined ? [] : [{ who, gateway, words: first.answer.slice(0, WORDS_LENGTH) }];
    });
    return (await Promise.all(all)).flat();
  }

  async function containers(state?: 'running'): Promise<readonly string[]> {
    const { docker, name } = ground().lab;
    const filters = { label: [`agent-peer.lab=${name.lab}`], ...(state && { status: [state] }) };
    const all = await docker.listContainers({ all: true, filters });
    return all.map(({ Names }) => (Names[0] ?? '').slice(1));
  }

  let known: Promise<Wanted> | undefined;

  function allSecrets(): Promise<Wanted> {
    known ??= knownSecrets(ground(), [['passphrase of the backup', PASSPHRASE]]);
    return known;
  }

  async function dataFiles(name: 'a' | 'b'): Promise<Readonly<Record<string, Buffer>>> {
    const { docker, stacks } = ground().lab;
    const read = await mustExec(docker, stacks[name].container('proxy'), ['node', '-e', READ_DATA]);
    const files = Object.entries(JSON.parse(read) as Record<string, string>);
    return Object.fromEntries(files.map(([file, base64]) => [file, Buffer.from(base64, 'base64')]));
  }

  async function expectNone(where: string, text: string | Buffer): Promise<void> {
    expect(foundIn(Buffer.from(text), await allSecrets()), where).toEqual([]);
  }
}
