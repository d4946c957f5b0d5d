import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { StepView, UnpairedView } from '../../local-server/routes/gateway.ts';
import { verb, type Cli } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { readSecret } from '../secret-input.ts';

const PAIRING_MS = 60_000;

type Paired = Extract<StepView, { readonly step: 'paired' }>;

/** The owner may not have meant either: the device is what a thief of this stack has of the gateway. */
function warningsOf({ excess, approvedSilently }: Paired): readonly string[] {
  const silently =
    'warning: the gateway approved this device without asking anybody, as it does for loopback by default. To be asked, set gateway.nodes.pairing.autoApproveLocal to false';
  const wide = `warning: the gateway gave this device more than it asked for: ${excess.join(', ')}. Whoever takes over the proxy can do that as well. Run agent-peer gateway unpair, remove the device on the gateway, and pair again`;
  return [...(approvedSilently ? [silently] : []), ...(excess.length > 0 ? [wide] : [])];
}

function outcomeOf(step: StepView): Outcome {
  if (step.step === 'approval-needed') {
    const what = `the gateway waits for its owner to approve this device (request ${step.requestId})`;
    const fix = `Run on the gateway: ${step.command} , and then this command again`;
    return { json: step, text: step.command, error: new AgentPeerError('gateway-not-approved', what, fix) };
  }
  const lines = [`Paired, with ${step.scopes.join(', ')}.`, ...warningsOf(step)];
  return { json: step, text: '', note: lines.join('\n') };
}

async function pair(cli: Cli, file: string | undefined): Promise<Outcome> {
  const token = await readSecret(
    cli.io,
    file,
    '--token-file',
    "The gateway's shared token (used once, kept nowhere)",
  );
  return outcomeOf(await cli.connect().post<StepView>('/gateway/pair', { token }, PAIRING_MS));
}

const QUESTION =
  'Forget this stack’s device key and token? Messages are kept, and wait until it is paired again.';

async function unpair(cli: Cli, isSure: boolean): Promise<Outcome> {
  if (!isSure) await confirm(cli.io, QUESTION);
  const answer = await cli.connect().post<UnpairedView>('/gateway/unpair', {});
  if (answer.command === null)
    return { json: answer, text: '', note: 'There was nothing to forget: this stack was not paired.' };
  const note = 'Forgotten here. The gateway keeps its record of the device until its owner runs there:';
  return { json: answer, text: answer.command, note };
}

export function addGateway(program: Command, cli: Cli): void {
  const gateway = program.command('gateway').description('the OpenClaw gateway of this stack');
  verb(
    gateway,
    'pair',
    'pair this stack with its gateway as a device (shared token from stdin, a file, or typed)',
  )
    .option('--token-file <path>', "file with the gateway's shared token")
    .action((options: PrintOptions & { readonly tokenFile?: string }) =>
      cli.perform(options, () => pair(cli, options.tokenFile)),
    );
  verb(gateway, 'unpair', 'forget the device key and token of this stack; messages are kept')
    .option('--yes', 'do not ask')
    .action((options: PrintOptions & { readonly yes?: true }) =>
      cli.perform(options, () => unpair(cli, options.yes === true)),
    );
}
