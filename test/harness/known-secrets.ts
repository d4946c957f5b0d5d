import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mustExec } from '../../src/lab/exec.ts';
import type { PairedName } from '../../src/lab/lab.ts';
import { stateDir } from '../../src/lab/state-dir.ts';
import { unseal } from '../../src/lab/unseal.ts';
import { parseInviteCode } from '../../src/pairing/invite-code.ts';
import type { Ground } from './ground.ts';

const TOKEN_FILES = ['owner-token', 'agent-token'];
const READ_KEY = "require('node:fs').readFileSync('/data/sealing.key').toString('hex')";
const MIN_LENGTH = 16;

/** Bytes to look for, by what they are: the sealing key is binary, and may show in any of its spellings. */
export type Wanted = readonly (readonly [what: string, value: Buffer])[];
type Texts = readonly (readonly [what: string, value: string])[];

/** Every secret that a run made, as it is read from where it belongs. */
export async function knownSecrets(ground: Ground, more: Texts = []): Promise<Wanted> {
  const { lab, pairing, secretsMade } = ground;
  const texts = [
    ...more,
    ...secretsMade,
    ...inviteSecrets(pairing.code),
    ...(await unsealed(ground, 'a')),
    ...(await unsealed(ground, 'b')),
    ...Object.entries(pairing.tokens).map(([who, token]) => [`peer token of ${who}`, token] as const),
    ...Object.entries(lab.sharedTokens).map(([who, token]) => [`gateway token of ${who}`, token] as const),
    ...(await authKeys(ground)),
    ...(await dataTokens(ground, 'a')),
    ...(await dataTokens(ground, 'b')),
  ].map(([what, value]) => [what, Buffer.from(value)] as const);
  const wanted = [...texts, ...(await sealingKey(ground, 'a')), ...(await sealingKey(ground, 'b'))];
  for (const [what, value] of wanted) expect(value.length, what).toBeGreaterThanOrEqual(MIN_LENGTH);
  return wanted;
}

/** The code as it was shown, as it may be typed, and the secret in it. */
function inviteSecrets(code: string): Texts {
  const read = parseInviteCode(code);
  if (!read.ok) throw new Error('the code that paired the stacks cannot be read');
  return [code, code.replaceAll('-', ''), read.value.secret].map((value) => ['invite', value] as const);
}

async function unsealed({ lab }: Ground, name: PairedName): Promise<Texts> {
  const { tokens, credentials } = await unseal(lab.docker, lab.stacks[name]);
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

function dataTokens({ lab }: Ground, name: PairedName): Promise<Texts> {
  const read = (file: string) =>
    mustExec(lab.docker, lab.stacks[name].container('proxy'), ['cat', `/data/${file}`]);
  return Promise.all(
    TOKEN_FILES.map(async (file) => [`${file} of ${name}`, (await read(file)).trim()] as const),
  );
}

async function sealingKey({ lab }: Ground, name: PairedName): Promise<Wanted> {
  const proxy = lab.stacks[name].container('proxy');
  const hex = (await mustExec(lab.docker, proxy, ['node', '-p', READ_KEY])).trim();
  const raw = Buffer.from(hex, 'hex');
  expect(raw).toHaveLength(32);
  const spellings = (['hex', 'base64', 'base64url'] as const).map((as) => Buffer.from(raw.toString(as)));
  return [raw, ...spellings].map((value) => [`sealing key of ${name}`, value] as const);
}

async function authKeys({ lab }: Ground): Promise<Texts> {
  const directory = stateDir(lab.name);
  const files = (await readdir(directory, { recursive: true })).filter((file) =>
    /(ts-authkey|key)$/.test(file),
  );
  const read = async (file: string) => (await readFile(join(directory, file), 'utf8')).trim();
  return Promise.all(files.map(async (file) => [`auth key ${file}`, await read(file)] as const));
}

/** What of the wanted is in these bytes. */
export function foundIn(bytes: Buffer, wanted: Wanted): readonly string[] {
  return wanted.filter(([, value]) => bytes.includes(value)).map(([what]) => what);
}

/** The same of a stream, across the edges of its pieces. */
export async function foundInStream(
  stream: AsyncIterable<Buffer>,
  wanted: Wanted,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const overlap = Math.max(...wanted.map(([, value]) => value.length));
  let tail = Buffer.alloc(0);
  for await (const piece of stream) {
    const window = Buffer.concat([tail, piece]);
    for (const what of foundIn(window, wanted)) found.add(what);
    tail = window.subarray(Math.max(0, window.length - overlap));
  }
  return [...found];
}
