/**
 * `./agent-peer`, the way to the command from outside the container.
 *
 * It needs nothing but Docker. It finds the stack of its own folder, or the only one; it never guesses between two, and takes
 * no other project's container for a stack. Every argument arrives as it was given, and the exit code comes back. What is
 * in the way is said in the words of the command itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../harness/temp-folder.ts';

const WRAPPER = fileURLToPath(new URL('../../agent-peer', import.meta.url));

/** Notes what it was called with, each argument between NULs, and does what the test says. */
const DOCKER = `#!/bin/sh
case $1 in
  ps) printf '%s' "$CONTAINERS"; exit "\${PS_EXIT:-0}" ;;
  *) if [ -t 0 ]; then : > "$CALLED.typed"; fi; for arg in "$@"; do printf '%s\\0' "$arg"; done > "$CALLED"; cat; exit "\${EXEC_EXIT:-0}" ;;
esac
`;

interface Container {
  readonly project: string;
  readonly service?: string;
  readonly state?: string;
  readonly dir?: string;
  /** Made by `docker compose run`. */
  readonly isOneOff?: boolean;
}

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What docker was to run; nothing when it was not asked. */
  readonly called: readonly string[];
}

const line = ({
  project,
  service = 'proxy',
  state = 'running',
  dir = '/elsewhere',
  isOneOff = false,
}: Container) =>
  `id-of-${project}-${service}|${state}|${isOneOff ? 'True' : 'False'}|${service}|${project}|${dir}`;

/** A proxy and what it stands on. */
const stackOf = (project: string, more: Partial<Container> = {}) => [
  line({ project, ...more }),
  line({ project, ...more, service: 'netns', state: 'running' }),
];

interface Asked {
  readonly containers?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly file?: string;
  readonly hasDocker?: boolean;
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (piece: Buffer) => (text += piece.toString()));
  return () => text;
}

/** A PATH with these programs, and without docker. */
function onlyThese(names: readonly string[]): string {
  const bin = tempFolder();
  for (const name of names) symlinkSync(`/usr/bin/${name}`, join(bin, name));
  return bin;
}

/** A folder with the wrapper in it, as it is after a clone, on a machine with that docker. */
function machine() {
  const root = tempFolder();
  const folder = join(root, 'my stack');
  const bin = join(root, 'bin');
  mkdirSync(folder);
  mkdirSync(bin);
  copyFileSync(WRAPPER, join(folder, 'agent-peer'));
  writeFileSync(join(bin, 'docker'), DOCKER, { mode: 0o755 });
  const calledFile = join(root, 'called');
  const envOf = ({ containers = [], env = {}, hasDocker = true }: Asked) => ({
    PATH: hasDocker ? [bin, process.env['PATH'] ?? ''].join(delimiter) : onlyThese(['dirname']),
    CONTAINERS: containers.join('\n'),
    CALLED: calledFile,
    ...env,
  });
  const called = () => readFileSync(calledFile, 'utf8').split('\0').slice(0, -1);
  const run = async (args: readonly string[], asked: Asked = {}): Promise<Run> => {
    const { stdin = '', file = join(folder, 'agent-peer') } = asked;
    writeFileSync(calledFile, '');
    const child = spawn('/bin/sh', [file, ...args], { env: envOf(asked) });
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    child.stdin.end(stdin);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, stdout: stdout(), stderr: stderr(), called: called() };
  };
  /** `script` gives the command a terminal, as a person has one. */
  const runAtTerminal = async (command: string, asked: Asked): Promise<readonly string[]> => {
    const line = `/bin/sh '${join(folder, 'agent-peer')}' ${command}`;
    await once(spawn('script', ['-qec', line, '/dev/null'], { env: envOf(asked), stdio: 'ignore' }), 'close');
    return called();
  };
  /** Whether what was typed since this was asked last would have come to the command. */
  const isTyped = (): boolean => {
    const was = existsSync(`${calledFile}.typed`);
    rmSync(`${calledFile}.typed`, { force: true });
    return was;
  };
  return { root, folder, run, runAtTerminal, isTyped };
}

const inContainer = (project: string, ...args: string[]) => [
  'exec',
  '-i',
  `id-of-${project}-proxy`,
  'agent-peer',
  ...args,
];

describe('what it hands over', () => {
  it('is every argument as it was given, the input, the output and the exit code', async () => {
    const { run } = machine();
    const args = [
      'send',
      'bob',
      'inbox',
      'two  words',
      '',
      '-x',
      '--',
      'it\'s "so"',
      '$HOME `id` \\',
      'a\nb',
      '*',
    ];
    const ran = await run(args, { containers: stackOf('mine'), stdin: 'line\n', env: { EXEC_EXIT: '6' } });
    expect(ran.called).toEqual(inContainer('mine', ...args));
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([6, 'line\n', '']);
  });

  it('is whether there may be colours, and the width, by name alone', async () => {
    const { run } = machine();
    const env = { NO_COLOR: 'yes please', COLUMNS: '90' };
    const { called } = await run(['status'], { containers: stackOf('mine'), env });
    expect(called).toEqual([
      'exec',
      '-i',
      '-e',
      'NO_COLOR',
      '-e',
      'COLUMNS',
      ...inContainer('mine', 'status').slice(2),
    ]);
  });
});

describe('a terminal', () => {
  it('is told of its kind', async () => {
    const { runAtTerminal } = machine();
    const asked = { containers: stackOf('mine'), env: { TERM: 'dumb' } };
    expect((await runAtTerminal('status', asked)).join(' ')).toContain('-t -e TERM id-of-mine-proxy');
  });

  it('is asked for only where both ends are one', async () => {
    const { run, runAtTerminal } = machine();
    const containers = stackOf('mine');
    expect((await run(['status'], { containers })).called).not.toContain('-t');
    expect(await runAtTerminal('status', { containers })).toEqual([
      'exec',
      '-i',
      '-t',
      ...inContainer('mine', 'status').slice(2),
    ]);
  });
});

describe('with its output piped away, at a terminal', () => {
  it('a command is given nothing that is typed: nobody was asked for it, and it would be seen', async () => {
    const { runAtTerminal, isTyped } = machine();
    const containers = stackOf('mine');
    await runAtTerminal('backup - > /dev/null', { containers });
    expect(isTyped()).toBe(false);
    await runAtTerminal('peers token bob', { containers });
    expect(isTyped()).toBe(true);
  });

  it('tail keeps its input, by which it is told that nobody watches any more', async () => {
    const { runAtTerminal, isTyped } = machine();
    const called = await runAtTerminal('tail > /dev/null', { containers: stackOf('mine') });
    expect(called).toEqual(inContainer('mine', 'tail'));
    expect(isTyped()).toBe(true);
  });
});

describe('which stack it takes', () => {
  it('is that of its own folder, however it is called', async () => {
    const { root, folder, run } = machine();
    const link = join(root, 'linked');
    symlinkSync(join('my stack', 'agent-peer'), link);
    const containers = [...stackOf('other'), ...stackOf('mine', { dir: folder })];
    for (const file of [join(folder, 'agent-peer'), link])
      expect((await run(['status'], { containers, file })).called).toEqual(inContainer('mine', 'status'));
  });

  it('is the only one, wherever that is', async () => {
    const { run } = machine();
    const { called } = await run(['status'], { containers: stackOf('other') });
    expect(called).toEqual(inContainer('other', 'status'));
  });

  it('is the one of its folder that runs', async () => {
    const { folder, run } = machine();
    const containers = [
      ...stackOf('old', { dir: folder, state: 'exited' }),
      ...stackOf('new', { dir: folder }),
    ];
    expect((await run(['status'], { containers })).called).toEqual(inContainer('new', 'status'));
  });

  it('is the one that was named', async () => {
    const { folder, run } = machine();
    const containers = [...stackOf('mine', { dir: folder }), ...stackOf('other')];
    const { called } = await run(['status'], { containers, env: { AGENT_PEER_PROJECT: 'other' } });
    expect(called).toEqual(inContainer('other', 'status'));
  });

  it('is no container of a docker compose run, such as one that a restore has left', async () => {
    const { run } = machine();
    const left = line({ project: 'mine', state: 'exited', isOneOff: true });
    const { called } = await run(['status'], { containers: [left, ...stackOf('mine')] });
    expect(called).toEqual(inContainer('mine', 'status'));
  });

  it('is no proxy of something else', async () => {
    const { folder, run } = machine();
    const containers = [line({ project: 'website', dir: folder }), ...stackOf('mine')];
    expect((await run(['status'], { containers })).called).toEqual(inContainer('mine', 'status'));
  });
});

describe('what is in the way', () => {
  const several = [...stackOf('left'), ...stackOf('right')];
  it.each<[string, Asked, RegExp]>([
    ['no stack', {}, /there is no stack on this machine\. Start one, in .*my stack: docker compose up -d/],
    [
      'several stacks',
      { containers: several },
      /there are several stacks: left, right\. .*AGENT_PEER_PROJECT=/,
    ],
    [
      'a name that is none',
      { containers: several, env: { AGENT_PEER_PROJECT: 'nobody' } },
      /there is no stack nobody\. /,
    ],
    [
      'a proxy that restarts',
      { containers: stackOf('mine', { state: 'restarting' }) },
      /restarting\. .*logs/,
    ],
    ['a proxy that was stopped', { containers: stackOf('mine', { state: 'exited' }) }, /does not run.*up -d/],
    [
      'a docker that does not answer',
      { containers: ['Cannot connect to the Docker daemon'], env: { PS_EXIT: '1' } },
      /docker says: Cannot connect to the Docker daemon\. Is Docker running/,
    ],
    ['no docker', { hasDocker: false }, /there is no docker on the PATH/],
  ])('%s: says so, with what to do', async (_what, asked, expected) => {
    const { run } = machine();
    const { exitCode, stdout, stderr, called } = await run(['status'], asked);
    expect([exitCode, stdout, called]).toEqual([5, '', []]);
    expect(stderr).toMatch(/^error local-api-unreachable: /);
    expect(stderr).toMatch(expected);
  });

  it('is JSON for who asked for JSON', async () => {
    const { run } = machine();
    const { stderr } = await run(['status', '--json'], { env: { AGENT_PEER_PROJECT: 'a "b" \\c' } });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'local-api-unreachable',
        message: 'there is no stack a "b" \\c',
        fix: expect.stringContaining('docker compose ls') as string,
      },
    });
  });
});
