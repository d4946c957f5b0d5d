import { Command, CommanderError } from 'commander';
import { mustLoadConfig } from '../config/env.ts';
import { AgentPeerError } from '../errors.ts';
import { ownVersion } from '../version.ts';
import { createOwnersApi } from './api.ts';
import { verb, type Cli } from './command.ts';
import { addAliases } from './commands/aliases.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addClock } from './commands/clock.ts';
import { addExplain } from './commands/explain.ts';
import { addGateway } from './commands/gateway.ts';
import { addGrants } from './commands/grants.ts';
import { addHeld } from './commands/held.ts';
import { addInvite } from './commands/invite.ts';
import { addMcp } from './commands/mcp.ts';
import { addMessages } from './commands/messages.ts';
import { addNotices } from './commands/notices.ts';
import { addPause } from './commands/pause.ts';
import { addPeers } from './commands/peers.ts';
import { addRestore } from './commands/restore.ts';
import { addSend } from './commands/send.ts';
import { addSessions } from './commands/sessions.ts';
import { addStatus } from './commands/status.ts';
import { addTail } from './commands/tail.ts';
import { runHealth } from './health.ts';
import type { Io } from './io.ts';
import { createProgress, NO_PROGRESS } from './progress.ts';
import { asAgentPeerError, printError, printOutcome, type PrintOptions } from './outcome.ts';

/** Commander has printed help and versions by then; only a wrong call is an error. */
function usageError(error: CommanderError): AgentPeerError | null {
  if (error.exitCode === 0) return null;
  const what =
    error.code === 'commander.help'
      ? 'a command is missing'
      : // An invite code in the place of another argument is still a secret.
        error.message
          .replace(/^error: /, '')
          .replace(/\.$/, '')
          .replaceAll(/AP1-[\w-]+/gi, 'AP1-…');
  return new AgentPeerError('input-invalid', what, 'See agent-peer help');
}

function build(cli: Cli, setExit: (code: number) => void): Command {
  const program = new Command('agent-peer')
    .description('Messages between the agents of two people: see and steer this stack.')
    .version(ownVersion(), '--version')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => cli.io.stdout.write(text), writeErr: () => undefined });
  addStatus(program, cli);
  addSend(program, cli);
  addMessages(program, cli);
  addTail(program, cli);
  addMcp(program, cli);
  addNotices(program, cli);
  addHeld(program, cli);
  addInvite(program, cli);
  addPeers(program, cli);
  addPause(program, cli);
  addAliases(program, cli);
  addGrants(program, cli);
  addSessions(program, cli);
  addExplain(program, cli);
  addAudit(program, cli);
  addClock(program, cli);
  addGateway(program, cli);
  addBackup(program, cli);
  addRestore(program, cli);
  verb(program, 'health', 'say whether the proxy works; used by the image').action(
    async (options: PrintOptions) => setExit(await runHealth(cli.io, options)),
  );
  return program;
}

/**
 * Runs one command line.
 * @param args without node and script
 * @returns the exit code
 */
export async function runProgram(io: Io, args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const isWatched = !args.includes('--json') && !args.includes('--quiet');
  const progress = isWatched ? createProgress(io) : NO_PROGRESS;
  const cli: Cli = {
    io,
    progress,
    connect: () => createOwnersApi(mustLoadConfig(io.env), progress),
    perform: async (options, work) => void (exitCode = printOutcome(io, await work(), options)),
  };
  try {
    await build(cli, (code) => (exitCode = code)).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? usageError(thrown) : asAgentPeerError(thrown);
    if (error === null) return 0;
    printError(io, error, { json: args.includes('--json') });
    return error.exitCode;
  }
}
