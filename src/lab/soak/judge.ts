import { answerTo } from '../scripted-model.ts';
import type { Evidence } from './evidence.ts';
import type { SoakPlan } from './plan.ts';
import { judgeSoak, type Verdict } from './verdict.ts';

/** What the scripted model must have said, computed from the text that was sent. */
function replyOf(stack: string, text: string): string | null {
  const answer = answerTo(stack, text);
  return answer === 'NO_REPLY' ? null : answer;
}

export function judge({ atLeast }: SoakPlan, evidence: Evidence): Verdict {
  return judgeSoak(evidence, { atLeast, replyOf });
}
