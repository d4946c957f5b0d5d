import { beforeAll, expect, it } from 'vitest';
import { wordsIn } from '../../../src/lab/scripted-model.ts';
import { variablesInWords } from '../../../src/lab/variables-in-words.ts';
import { UNAUTHENTICATED } from '../../attacks/answers.ts';
import { ALL_ATTACKS } from '../../attacks/corpus.ts';
import { readAnswers } from '../../attacks/outcome.ts';
import { gatewayFacts, type GatewayFacts } from '../../harness/gateway-facts.ts';
import type { WithGround } from '../../harness/ground.ts';
import { LAB_CELLS, sendCells } from '../../harness/lab-cells.ts';
import { cancelTheRest, problemWith, sendCorpus, TURNS } from '../../harness/lab-corpus.ts';
import { prepareDoor, SESSIONS, type LabDoor } from '../../harness/lab-door.ts';
import { LAB_LIMITS } from '../../harness/lab-limits.ts';
import { printSize } from '../../harness/print-size.ts';
import type { RawReply } from '../../harness/raw-sender.ts';
import { timedPart } from '../../harness/timed-part.ts';

/**
 * The negative matrix and the corpus of attacks once more, over real containers and against a real OpenClaw: stack a is
 * attacked, and b has one alias there. What a gateway, a model and a tailscaled of our own making would let through
 * unseen shows here.
 */
export function door(ground: WithGround): void {
  timedPart('the door', () => {
    let prepared:
      { readonly door: LabDoor; readonly before: GatewayFacts; readonly asked: number } | undefined;

    beforeAll(async () => {
      const made = await prepareDoor(ground());
      prepared = { door: made, before: await facts(), asked: (await records()).length };
    });

    const facts = () => gatewayFacts(ground().lab.docker, ground().lab.stacks.a);
    const records = () => ground().lab.model.records('a');

    function at() {
      if (prepared === undefined) throw new Error('the door is not prepared: see the first error');
      return prepared;
    }

    /** The words that the model was shown since the beginning. */
    async function shown(): Promise<readonly string[]> {
      return (await records()).slice(at().asked).map(({ asked }) => wordsIn(asked));
    }

    it('answers one cell of each kind of the matrix as it must, and its gateway sees nothing', async () => {
      const replies = await sendCells(at().door);
      const problems = LAB_CELLS.flatMap(({ kind, expect: answer }) => {
        const problem = problemWith(at().door, replies.get(kind), [answer]);
        return problem === null ? [] : [`${kind}: ${problem}`];
      });
      expect(problems).toEqual([]);
      const strangers = LAB_CELLS.filter(({ expect: answer }) => answer === UNAUTHENTICATED);
      expect(new Set(strangers.map(({ kind }) => withoutDate(replies.get(kind)))).size).toBe(1);
      expect(withoutDate(replies.get('an alias of another peer'))).toBe(
        withoutDate(replies.get('an alias of nobody')),
      );
      expect(aliasesIn(replies.get('the card, for a peer'))).toEqual(['handoff']);
      expect(await facts()).toEqual(at().before);
      expect(await shown()).toEqual([]);
      printSize('real cells', `${LAB_CELLS.length} cells of the matrix against a real gateway`);
    });

    it('answers the whole corpus as it must, and lets in the harmless messages alone, each once', async () => {
      const { door: made, before } = at();
      const outsiders = Promise.all([sendCorpus(made, 'withoutToken'), sendCorpus(made, 'wrongNode')]);
      const paired = await sendCorpus(made, 'paired');
      const begun = await cancelTheRest(made, paired.taken);
      expect([paired, ...(await outsiders)].flatMap(({ problems }) => problems)).toEqual([]);
      await made.settled();
      const words = await shown();
      expect([...words].sort()).toEqual(begun.map(({ text }) => text).sort());
      expect(begun.length).toBeGreaterThanOrEqual(TURNS);
      expectOnlyNewTurns(before, await facts(), words.length);
      expect(await made.canary.visits()).toBe(0);
      const size = `${ALL_ATTACKS.length} requests x 3 callers against a real gateway, ${words.length} turns`;
      printSize('real attacks', `${size}; limits: ${variablesInWords(LAB_LIMITS)}`);
    });
  });
}

/** As it was sent, but for the second in which it was. */
const withoutDate = (reply: RawReply | undefined) => String(reply).replace(/\r\ndate: .*/i, '');

function aliasesIn(reply: RawReply | undefined): readonly string[] {
  const [card] = reply instanceof Buffer ? readAnswers(reply) : [];
  const { skills } = JSON.parse(card?.body ?? '') as { skills: readonly { readonly id: string }[] };
  return skills.map(({ id }) => id);
}

/** A question and an answer for each turn in the granted session; all else as it was. */
function expectOnlyNewTurns(before: GatewayFacts, after: GatewayFacts, turns: number): void {
  const { sessionId, rows } = before.sessions[SESSIONS.b] ?? { sessionId: 'none', rows: 0 };
  const granted = { sessionId, rows: rows + 2 * turns };
  expect(after).toEqual({ ...before, sessions: { ...before.sessions, [SESSIONS.b]: granted } });
}
