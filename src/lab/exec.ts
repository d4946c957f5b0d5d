import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function collect(stream: PassThrough): () => string {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8');
}

/**
 * Runs a command in a running container. Secrets go in by `stdin`: an argument would show in the process list.
 * @throws what the engine says when the container is not running.
 */
export async function execIn(
  docker: Docker,
  container: string,
  command: readonly string[],
  stdin?: string,
): Promise<ExecResult> {
  const exec = await docker.getContainer(container).exec({
    Cmd: [...command],
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: stdin !== undefined });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const [out, err] = [collect(stdout), collect(stderr)];
  docker.modem.demuxStream(stream, stdout, stderr);
  if (stdin !== undefined) stream.end(stdin);
  await new Promise<void>((resolve, reject) =>
    stream.once('end', resolve).once('close', resolve).once('error', reject),
  );
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? -1, stdout: out(), stderr: err() };
}

/** Like execIn, for commands that must succeed. */
export async function mustExec(
  docker: Docker,
  container: string,
  command: readonly string[],
  stdin?: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await execIn(docker, container, command, stdin);
  if (exitCode !== 0) {
    throw new Error(
      `${container}: \`${command.join(' ')}\` ended with ${exitCode}: ${(stderr || stdout).trim()}`,
    );
  }
  return stdout;
}
