import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';

export interface ExecTunnel {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const FORWARD =
  "const s=require('node:net').connect(Number(process.argv[1]),'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)";

/**
 * Makes a loopback port of a container a loopback port of this machine, by one `docker exec` a connection. Nothing is
 * published and nothing new listens in the container, so the gateway is reached as it is meant to be: on loopback.
 */
export async function openExecTunnel(container: string, port: number): Promise<ExecTunnel> {
  const server = createServer((socket) => {
    const forward = spawn('docker', ['exec', '-i', container, 'node', '-e', FORWARD, String(port)], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const end = (): void => {
      socket.destroy();
      forward.kill();
    };
    socket.on('error', end).on('close', end).pipe(forward.stdin.on('error', end));
    forward.on('error', end).on('exit', end).stdout.pipe(socket);
  });
  await new Promise<unknown>((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
