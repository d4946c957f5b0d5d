import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { logsOf } from '../../../src/lab/containers.ts';
import { mustExec } from '../../../src/lab/exec.ts';
import { GATEWAY_HOME } from '../../../src/lab/gateway-calls.ts';
import { labImage } from '../../../src/lab/images.ts';
import { nodeProgram } from '../../../src/lab/node-program.ts';
import { unseal } from '../../../src/lab/unseal.ts';
import { parseInviteCode } from '../../../src/pairing/invite-code.ts';
import { stateDir } from '../../../src/lab/state-dir.ts';
import type { WithGround } from '../../harness/ground.ts';
import { timedPart } from '../../harness/timed-part.ts';

const TOKEN_FILES = ['owner-token', 'agent-token'];
const READ_KEY = "require('node:fs').readFileSync('/data/sealing.key').toString('hex')";
const MIN_LENGTH = 16;
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

/** Bytes to look for, by what they are: the sealing key is binary, and may show in any of its spellings. */
type Wanted = readonly (readonly [string, Buffer])[];

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
        const found = await scan(files as AsyncIterable<Buffer>, wanted);
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
        const found = await scan((await docker.getImage(image).get()) as AsyncIterable<Buffer>, wanted);
        expect(found, `layers of ${image}`).toEqual([]);
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

  /** Every secret that the run made, read once. */
  function allSecrets(): Promise<Wanted> {
    known ??= collect();
    return known;
  }

  async function collect(): Promise<Wanted> {
    const { sharedTokens } = ground().lab;
    const texts = [
      ['passphrase of the backup', PASSPHRASE] as const,
      ...ground().secretsMade,
      ...inviteSecrets(ground().pairing.code),
      ...(await unsealed('a')),
      ...(await unsealed('b')),
      ...Object.entries(ground().pairing.tokens).map(
        ([who, token]) => [`peer token of ${who}`, token] as const,
      ),
      ...Object.entries(sharedTokens).map(([who, token]) => [`gateway token of ${who}`, token] as const),
      ...(await authKeys()),
      ...(await dataTokens('a')),
      ...(await dataTokens('b')),
    ].map(([what, value]) => [what, Buffer.from(value)] as const);
    const wanted = [...texts, ...(await sealingKey('a')), ...(await sealingKey('b'))];
    for (const [what, value] of wanted) expect(value.length, what).toBeGreaterThanOrEqual(MIN_LENGTH);
    return wanted;
  }

  /** The code as it was shown, as it may be typed, and the secret in it. */
  function inviteSecrets(code: string): readonly (readonly [string, string])[] {
    const read = parseInviteCode(code);
    if (!read.ok) throw new Error('the code that paired the stacks cannot be read');
    return [code, code.replaceAll('-', ''), read.value.secret].map((value) => ['invite', value] as const);
  }

  async function unsealed(name: 'a' | 'b'): Promise<readonly (readonly [string, string])[]> {
    const { docker, stacks } = ground().lab;
    const { tokens, credentials } = await unseal(docker, stacks[name]);
    const keys = Object.entries(credentials).filter(([what]) => what !== 'gateway-device-asked');
    return [
      ...Object.entries(tokens).map(([peer, token]) => [`token of ${name} for ${peer}`, token] as const),
      ...keys.map(([what, value]) => [`${what} of ${name}`, lineOf(value)] as const),
    ];
  }

  /** A key in PEM would be found by any line of it. */
  function lineOf(value: string): string {
    return value.split('\n').find((line) => line.length >= MIN_LENGTH && !line.startsWith('-----')) ?? value;
  }

  async function dataFiles(name: 'a' | 'b'): Promise<Readonly<Record<string, Buffer>>> {
    const { docker, stacks } = ground().lab;
    const read = await mustExec(docker, stacks[name].container('proxy'), ['node', '-e', READ_DATA]);
    const files = Object.entries(JSON.parse(read) as Record<string, string>);
    return Object.fromEntries(files.map(([file, base64]) => [file, Buffer.from(base64, 'base64')]));
  }

  function dataTokens(name: 'a' | 'b'): Promise<(readonly [string, string])[]> {
    const { docker, stacks } = ground().lab;
    const read = (file: string) =>
      mustExec(docker, stacks[name].container('proxy'), ['cat', `/data/${file}`]);
    return Promise.all(
      TOKEN_FILES.map(async (file) => [`${file} of ${name}`, (await read(file)).trim()] as const),
    );
  }

  async function sealingKey(name: 'a' | 'b'): Promise<Wanted> {
    const { docker, stacks } = ground().lab;
    const hex = (await mustExec(docker, stacks[name].container('proxy'), ['node', '-p', READ_KEY])).trim();
    const raw = Buffer.from(hex, 'hex');
    expect(raw).toHaveLength(32);
    const spellings = [
      raw,
      ...(['hex', 'base64', 'base64url'] as const).map((as) => Buffer.from(raw.toString(as))),
    ];
    return spellings.map((value) => [`sealing key of ${name}`, value] as const);
  }

  async function authKeys(): Promise<readonly (readonly [string, string])[]> {
    const directory = stateDir(ground().lab.name);
    const files = (await readdir(directory, { recursive: true })).filter((file) =>
      /(ts-authkey|key)$/.test(file),
    );
    return Promise.all(
      files.map(
        async (file) => [`auth key ${file}`, (await readFile(join(directory, file), 'utf8')).trim()] as const,
      ),
    );
  }

  async function expectNone(where: string, text: string | Buffer): Promise<void> {
    const bytes = Buffer.from(text);
    const found = (await allSecrets()).filter(([, value]) => bytes.includes(value)).map(([what]) => what);
    expect(found, where).toEqual([]);
  }
}

/** Looks for the values in a stream, across the edges of its pieces. */
async function scan(stream: AsyncIterable<Buffer>, wanted: Wanted): Promise<readonly string[]> {
  const found = new Set<string>();
  const overlap = Math.max(...wanted.map(([, value]) => value.length));
  let tail = Buffer.alloc(0);
  for await (const piece of stream) {
    const window = Buffer.concat([tail, piece]);
    for (const [what, value] of wanted) if (window.includes(value)) found.add(what);
    tail = window.subarray(Math.max(0, window.length - overlap));
  }
  return [...found];
}
