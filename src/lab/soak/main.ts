/**
 * `npm run soak [-- --minutes 30 --seed <n>]`: two real stacks, messages both ways, faults by a plan that the seed gives.
 * Ends with 1 unless every message was delivered once, answered rightly, or made undecidable by a fault of the plan.
 */
import { Command, InvalidArgumentError } from 'commander';
import { removeLab } from '../cleanup.ts';
import { connectEngine } from '../engine.ts';
import { pairLab, startLab } from '../lab.ts';
import { heading, tell, withProgress } from '../tell.ts';
import { judge } from './judge.ts';
import { variablesInWords } from '../variables-in-words.ts';
import { SOAK_LIMITS } from './limits.ts';
import { makePlan } from './plan.ts';
import { reportOf } from './report.ts';
import { runSoak } from './run.ts';
import { faultWords } from './words.ts';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly keep?: true;
}

const number = (least: number, most: number) => (raw: string) => {
  const value = Number(raw);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted`);
};

async function soak({ minutes, seed, keep }: Options): Promise<boolean> {
  const plan = makePlan(seed, minutes);
  heading(`Soak of ${minutes} minutes with seed ${seed}: ${plan.messages.length} messages`);
  for (const fault of plan.faults) tell('plan', faultWords(fault));
  const [docker, name] = [await connectEngine(), { lab: `soak-agent-peer-${process.pid}` }];
  try {
    const start = startLab(docker, name, tell, { environment: SOAK_LIMITS });
    const lab = await withProgress('waiting for both stacks', start);
    tell('limits', `raised for the soak: ${variablesInWords(SOAK_LIMITS)}`);
    await withProgress('waiting for both gateways', pairLab(lab, tell));
    const evidence = await runSoak(lab, plan, tell);
    const verdict = judge(plan, evidence);
    heading('What both sides have');
    for (const line of reportOf(evidence, verdict)) console.log(`  ${line}`);
    return verdict.findings.length === 0;
  } finally {
    if (keep === undefined) await removeLab(docker, name);
  }
}

const program = new Command('npm run soak --')
  .description('Two paired stacks under faults, and a verdict on every message')
  .option('--minutes <n>', 'how long messages are sent', number(1, 600), 30)
  .option(
    '--seed <n>',
    'of the plan; the same seed and length, the same plan',
    number(0, 2 ** 32 - 1),
    Date.now() % 1_000_000,
  )
  .option('--keep', 'leave both stacks there for a look');

try {
  await program.parseAsync();
  if (!(await soak(program.opts<Options>()))) process.exitCode = 1;
} catch (error) {
  console.error(`\nsoak: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
