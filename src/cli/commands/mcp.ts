import type { Command } from 'commander';
import { mustLoadConfig } from '../../config/env.ts';
import { messageOf } from '../../errors.ts';
import { systemRandom as random } from '../../system.ts';
import { ownVersion } from '../../version.ts';
import { createHttpAgentApi } from '../agent-api.ts';
import { createAgentsApi } from '../api.ts';
import type { Cli } from '../command.ts';
import { printLines, type Outcome } from '../outcome.ts';

/** Stdout belongs to the protocol, so nothing is printed there. The SDK is loaded here: no other command needs it. */
async function serve({ io }: Cli): Promise<Outcome> {
  const config = mustLoadConfig(io.env);
  const { serveStdio } = await import('../../mcp/serve-stdio.ts');
  await serveStdio(io.stdin, io.stdout, {
    api: createHttpAgentApi(() => createAgentsApi(config)),
    random,
    version: ownVersion(),
    onFault: (error) => printLines(io.stderr, `error internal-error: ${messageOf(error)}`),
  });
  return { json: null, text: '' };
}

export function addMcp(program: Command, cli: Cli): void {
  program
    .command('mcp')
    .description('serve the tools of an agent over stdin and stdout, for a client of MCP')
    .action(() => cli.perform({}, () => serve(cli)));
}
