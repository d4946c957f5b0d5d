/**
 * Three minutes of two real stacks under faults, by a plan that is always the same; `npm run soak` is the long form. In a
 * lab of its own: its faults would disturb every other part.
 */
import { expect, it, onTestFinished } from 'vitest';
import { removeLab } from '../../src/lab/cleanup.ts';
import { connectEngine } from '../../src/lab/engine.ts';
import { pairLab, startLab } from '../../src/lab/lab.ts';
import { judge } from '../../src/lab/soak/judge.ts';
import { SOAK_LIMITS } from '../../src/lab/soak/limits.ts';
import { makePlan } from '../../src/lab/soak/plan.ts';
import { reportOf } from '../../src/lab/soak/report.ts';
import { runSoak } from '../../src/lab/soak/run.ts';
import { variablesInWords } from '../../src/lab/variables-in-words.ts';

const [SEED, MINUTES] = [6, 3];
const AT_MOST_MS = 1_500_000;

const tell = (step: string, detail: string) => console.log(`soak  ${step.padEnd(10)} ${detail}`);

it(
  'loses nothing, delivers nothing twice and answers rightly, whatever falls in three minutes',
  async () => {
    const [docker, name] = [await connectEngine(), { lab: `soak-test-${process.pid}` }];
    onTestFinished(() => removeLab(docker, name).then(() => undefined), 60_000);
    tell('limits', variablesInWords(SOAK_LIMITS));
    const lab = await startLab(docker, name, tell, { environment: SOAK_LIMITS });
    await pairLab(lab, tell);
    const plan = makePlan(SEED, MINUTES);
    const evidence = await runSoak(lab, plan, tell);
    const verdict = judge(plan, evidence);
    for (const line of reportOf(evidence, verdict)) tell('', line);
    expect(verdict.findings).toEqual([]);
  },
  AT_MOST_MS,
);
