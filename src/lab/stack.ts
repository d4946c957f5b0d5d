import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { DockerComposeEnvironment, Wait } from 'testcontainers';
import { healthOf, logsOf } from './containers.ts';
import type { ControlServer } from './control-server.ts';
import { eventually } from './eventually.ts';
import { execIn, type ExecResult } from './exec.ts';
import { labImage } from './images.ts';
import { networkOf, projectOf, type LabName, type Service, type StackName } from './names.ts';
import { stateDir } from './state-dir.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const FILES = ['docker-compose.yml', 'src/lab/compose.lab.yml'];
const START_TIMEOUT_MS = 240_000;

/** One running stack, made by the same docker-compose.yml that users run. */
export interface Stack {
  readonly name: StackName;
  readonly project: string;
  container(service: Service): string;
  /** Runs the CLI in the proxy container, as a user does with `docker compose exec proxy agent-peer …`. */
  cli(args: readonly string[], stdin?: string): Promise<ExecResult>;
  /** The same with `--json`. @throws when the exit code is not among `allowed`. */
  ask<T>(args: readonly string[], stdin?: string, allowed?: readonly number[]): Promise<T>;
  logs(service: Service): Promise<string>;
}

export function stackHandle(docker: Docker, lab: LabName, name: StackName): Stack {
  const project = projectOf(lab, name);
  const container = (service: Service) => `${project}-${service}-1`;
  const cli = (args: readonly string[], stdin?: string) =>
    execIn(docker, container('proxy'), ['agent-peer', ...args], stdin);
  async function ask<T>(
    args: readonly string[],
    stdin?: string,
    allowed: readonly number[] = [0],
  ): Promise<T> {
    const { exitCode, stdout, stderr } = await cli([...args, '--json'], stdin);
    if (!allowed.includes(exitCode)) {
      throw new Error(
        `stack ${name}: agent-peer ${args.join(' ')} ended with ${exitCode}: ${(stderr || stdout).trim()}`,
      );
    }
    return JSON.parse(stdout) as T;
  }
  return { name, project, container, cli, ask, logs: (service) => logsOf(docker, container(service)) };
}

export type Environment = Readonly<Record<string, string>>;

/** What differs from the ordinary stack. */
export interface StackOptions {
  readonly environment?: Environment;
  /** Compose files on top of the lab's own, as absolute paths. */
  readonly files?: readonly string[];
  /** False starts no gateway. */
  readonly gateway?: boolean;
}

const authKeyFile = (lab: LabName, stack: StackName) => join(stateDir(lab), stack, 'ts-authkey');

async function writeAuthKey(lab: LabName, stack: StackName, control: ControlServer): Promise<void> {
  const file = authKeyFile(lab, stack);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, await control.createAuthKey(), { mode: 0o600 });
}

/** Variables of docker-compose.yml and the lab's override for one stack. */
function environmentOf(lab: LabName, stack: StackName, control: ControlServer): Environment {
  return {
    LAB_NAME: lab.lab,
    LAB_NETWORK: networkOf(lab),
    TS_AUTHKEY_FILE: authKeyFile(lab, stack),
    TS_HOSTNAME: stack,
    TS_EXTRA_ARGS: `--login-server=${control.url}`,
    AGENT_PEER_NETNS_IMAGE: labImage('NETNS'),
    AGENT_PEER_TAILSCALE_IMAGE: labImage('TAILSCALE'),
    AGENT_PEER_PROXY_IMAGE: labImage('PROXY'),
    AGENT_PEER_GATEWAY_IMAGE: labImage('OPENCLAW'),
  };
}

/** Compose's own waiting says nothing while it waits and takes the stack down when it fails: we wait ourselves. */
function composeOf(
  project: string,
  environment: Environment,
  options: StackOptions,
): DockerComposeEnvironment {
  return new DockerComposeEnvironment(REPOSITORY, [...FILES, ...(options.files ?? [])])
    .withProjectName(project)
    .withProfiles(...(options.gateway === false ? [] : ['gateway']))
    .withAutoCleanup(false)
    .withDefaultWaitStrategy(Wait.forAll([]))
    .withEnvironment({ ...process.env, ...environment, ...options.environment } as Record<string, string>);
}

async function lastWords(docker: Docker, container: string): Promise<string> {
  return `last lines of ${container}:\n${(await logsOf(docker, container)).trim().split('\n').slice(-15).join('\n')}`;
}

/** Waits until the service's own health check is content. @throws with its last log lines. */
export async function whenHealthy(
  docker: Docker,
  stack: Stack,
  service: Service,
  timeoutMs = START_TIMEOUT_MS,
): Promise<void> {
  const container = stack.container(service);
  try {
    await eventually(
      `${container} is healthy`,
      () => healthOf(docker, container),
      ({ health }) => health === 'healthy',
      timeoutMs,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await lastWords(docker, container)}`, { cause: error });
  }
}

/** Starts a stack's containers and waits for nothing. */
export async function launchStack(
  docker: Docker,
  lab: LabName,
  name: StackName,
  control: ControlServer,
  options: StackOptions = {},
): Promise<Stack> {
  await writeAuthKey(lab, name, control);
  await composeOf(projectOf(lab, name), environmentOf(lab, name, control), options).up();
  return stackHandle(docker, lab, name);
}

/** Makes the proxy's container of a running stack anew, and waits until it serves; all else goes on as it is. */
export async function remakeProxy(
  docker: Docker,
  lab: LabName,
  name: StackName,
  control: ControlServer,
  options: StackOptions,
): Promise<void> {
  await composeOf(projectOf(lab, name), environmentOf(lab, name, control), options).up(['proxy']);
  await whenAnswering(stackHandle(docker, lab, name));
}

/** The CLI runs in the proxy's container, so nothing can be handed in while that is away. */
export async function whenAnswering(stack: Stack): Promise<void> {
  const status = () => stack.cli(['status']);
  await eventually(`the CLI of ${stack.name} answers`, status, ({ exitCode }) => exitCode === 0, 180_000);
}

/** Starts a stack and waits for tailscale and the proxy; the gateway takes longer and is waited for by who needs it. */
export async function startStack(
  docker: Docker,
  lab: LabName,
  name: StackName,
  control: ControlServer,
  options: StackOptions = {},
): Promise<Stack> {
  const stack = await launchStack(docker, lab, name, control, options);
  await whenHealthy(docker, stack, 'tailscale');
  await whenHealthy(docker, stack, 'proxy');
  return stack;
}
