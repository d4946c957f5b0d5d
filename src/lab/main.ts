/**
 * `npm run lab`: two complete stacks on this machine, paired; a message and its reply; three refusals.
 * `npm run lab -- status | send "text" | pattern <name> | logs | down`, `--json FILE` writes the evidence.
 */
import { Command } from 'commander';
import { down, logs, pattern, sendText, status } from './commands.ts';
import { runStory } from './story.ts';

const program = new Command('npm run lab --').description('Two paired stacks on this machine');

program
  .command('up', { isDefault: true })
  .description('start afresh, pair, send a message, show the reply and three refusals')
  .option('--json <file>', 'write the evidence to a file')
  .action(({ json }: { json?: string }) => runStory(json));
program.command('status').description('both stacks, as their owners see them').action(status);
program
  .command('send')
  .argument('<text>', 'what a says to b')
  .description('send a message from a to b and show the reply')
  .action(sendText);
program
  .command('pattern')
  .argument('<name>', 'handoff, insight, review or delegation')
  .description("one of the daily patterns, by a's own agent with its tool")
  .action(pattern);
program.command('logs').argument('[service]', 'netns, tailscale, proxy or gateway', 'proxy').action(logs);
program.command('down').description('remove every container, network and volume of the lab').action(down);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`\nlab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
