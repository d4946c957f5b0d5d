import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import { verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { readSecret } from '../secret-input.ts';

type Step =
  | {
      readonly step: 'approval-needed';
      readonly requestId: string;
      readonly deviceId: string;
      readonly command: string;
    }
  | { readonly step: 'paired'; readonly scopes: readonly string[]; readonly approvedSilently: boolean };

const PAIRING_MS = 60_000;

function outcomeOf(step: Step): Outcome {
  if (step.step === 'approval-needed') {
    const what = `the gateway waits for its owner to approve this device (request ${step.requestId})`;
    const fix = `Run on the gateway: ${step.command} , and then this command again`;
    return { json: step, text: step.command, error: new AgentPeerError('gateway-not-approved', what, fix) };
  }
  const silently =
    'The gateway approved this by itself, as it does for loopback by default. To be asked, set gateway.nodes.pairing.autoApproveLocal to false.';
  return {
    json: step,
    text: `Paired, with ${step.scopes.join(', ')}.`,
    note: step.approvedSilently ? silently : '',
  };
}

async function pair(cli: Cli, file: string | undefined): Promise<Outcome> {
  const token = await readSecret(
    cli.io,
    file,
    '--token-file',
    "The gateway's shared token (used once, kept nowhere)",
  );
  return outcomeOf(await cli.connect().post<Step>('/gateway/pair', { token }, PAIRING_MS));
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
}
