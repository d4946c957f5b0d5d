/** The verdict of a soak: evidence that is well passes, and everything that must not be is seen and named. */
import { describe, expect, it } from 'vitest';
import type { Evidence, StruckFault, WayEvidence } from '../../src/lab/soak/evidence.ts';
import { reportOf } from '../../src/lab/soak/report.ts';
import { judgeSoak } from '../../src/lab/soak/verdict.ts';
import { evidenceOf, fault, goodWay, replyOf, withChanged } from '../harness/soak-evidence.ts';

const judged = (evidence: Evidence, atLeast = 3) => judgeSoak(evidence, { atLeast, replyOf });
const kindsOf = (way: WayEvidence, faults: readonly StruckFault[] = []) =>
  judged(evidenceOf(way, faults)).findings.map(({ kind }) => kind);

const good = goodWay();

/** m2 is uncertain at both sides. */
const unsure: WayEvidence = {
  ...good,
  outbox: withChanged(good.outbox, 1, { state: 'uncertain', reply: null }),
  inbox: withChanged(good.inbox, 1, { state: 'uncertain', detail: 'no end of its turn' }),
};

const SPOILED: readonly (readonly [what: string, kind: string, way: WayEvidence])[] = [
  [
    'has no row at the receiver',
    'lost',
    { ...good, inbox: good.inbox.slice(0, 2), userRows: good.userRows.slice(0, 2) },
  ],
  ['was answered and stands in no session', 'lost', { ...good, userRows: good.userRows.slice(1) }],
  [
    'stands in its session twice',
    'doubled',
    { ...good, userRows: [...good.userRows, { sessionKey: 's', key: 'k3', resumes: false }] },
  ],
  [
    'stands there once more under a later name of its turn',
    'doubled',
    { ...good, userRows: [...good.userRows, { sessionKey: 's', key: 'k3.2', resumes: false }] },
  ],
  [
    'got the reply to another',
    'wrong-reply',
    { ...good, outbox: withChanged(good.outbox, 0, { reply: 'b read text of m2' }) },
  ],
  [
    'got no reply though there was one',
    'wrong-reply',
    { ...good, outbox: withChanged(good.outbox, 0, { reply: null }) },
  ],
  [
    'arrived with another text',
    'changed',
    { ...good, inbox: withChanged(good.inbox, 0, { text: 'text of mX' }) },
  ],
  [
    'waits at the sender',
    'not-final',
    { ...good, outbox: withChanged(good.outbox, 2, { state: 'accepted' }) },
  ],
  [
    'waits at the receiver',
    'not-final',
    { ...good, inbox: withChanged(good.inbox, 2, { state: 'running' }) },
  ],
  [
    'failed',
    'not-answered',
    {
      ...good,
      outbox: withChanged(good.outbox, 2, { state: 'failed' }),
      inbox: withChanged(good.inbox, 2, { state: 'failed' }),
    },
  ],
  ['is uncertain for no reason', 'unexplained-uncertain', unsure],
  [
    'is uncertain at the sender alone',
    'unexplained-uncertain',
    { ...good, outbox: withChanged(good.outbox, 1, { state: 'uncertain' }) },
  ],
  [
    'is uncertain at the receiver alone',
    'unexplained-uncertain',
    { ...good, inbox: withChanged(good.inbox, 1, { state: 'uncertain' }) },
  ],
  [
    'was taken and is not in the outbox',
    'not-stored',
    { ...good, submitted: [...good.submitted, { kind: 'stored', id: 'm4', text: 'x' }] },
  ],
  [
    'was refused by its own stack',
    'not-stored',
    { ...good, submitted: [...good.submitted, { kind: 'refused', text: 'x', detail: 'HTTP 500' }] },
  ],
  [
    'stands before an earlier one of its conversation',
    'out-of-order',
    { ...good, userRows: good.userRows.toReversed() },
  ],
  [
    'came from nobody',
    'stray',
    { ...good, userRows: [...good.userRows, { sessionKey: 's', key: null, resumes: false }] },
  ],
];

describe('the verdict of a soak', () => {
  it('passes what is well', () => {
    expect(judged(evidenceOf(good))).toEqual({ findings: [], undecided: [] });
    expect(reportOf(evidenceOf(good), judged(evidenceOf(good))).at(-1)).toMatch(
      /^verdict: passed. 3 sent, 0 lost, 0 delivered twice, 0/,
    );
  });

  it.each(SPOILED)('fails when a message %s', (_, kind, way) => {
    expect(kindsOf(way)).toContain(kind);
    expect(reportOf(evidenceOf(way), judged(evidenceOf(way))).at(-1)).toContain('verdict: FAILED');
  });

  it('fails when a message was handed in twice by the stack itself', () => {
    const again = { ...good, outbox: [...good.outbox, ...good.outbox.slice(0, 1)] };
    expect(kindsOf(again)).toContain('stray');
  });

  it('fails when too few were sent to prove anything', () => {
    expect(judged(evidenceOf(good), 4).findings).toMatchObject([{ kind: 'too-few' }]);
  });

  it('takes a message whose submission had no answer as it is: there or not there', () => {
    const submitted = [...good.submitted, { kind: 'unknown', text: 'never stored' } as const];
    expect(kindsOf({ ...good, submitted })).toEqual([]);
    expect(
      kindsOf({ ...good, submitted: [{ kind: 'unknown', text: 'text of m1' }, ...good.submitted.slice(1)] }),
    ).toEqual([]);
  });

  it("counts the gateway's own resumption of a turn as no delivery", () => {
    const userRows = [...good.userRows, { sessionKey: 's', key: 'run-of-its-own', resumes: true }];
    expect(kindsOf({ ...good, userRows })).toEqual([]);
    const report = reportOf(evidenceOf({ ...good, userRows }), judged(evidenceOf({ ...good, userRows })));
    expect(report.find((line) => line.startsWith('delivered'))).toMatch(/ 3$/);
    expect(report.find((line) => line.startsWith('resumed'))).toMatch(/ 1$/);
  });
});

describe('an uncertain message', () => {
  it('is explained by a kill of the gateway that met its turn, and stated with it', () => {
    const verdict = judged(evidenceOf(unsure, [fault({})]));
    expect(verdict.findings).toEqual([]);
    expect(verdict.undecided).toMatchObject([{ text: 'text of m2', because: { kind: 'gateway' } }]);
    const report = reportOf(evidenceOf(unsure, [fault({})]), verdict);
    expect(report.at(-1)).toContain('1 undecidable');
    expect(report.join('\n')).toContain(
      'undecidable: "text of m2": no end of its turn; kill of the gateway at b',
    );
  });

  it('is still one message too many when it stands in the session twice', () => {
    const userRows = [...unsure.userRows, { sessionKey: 's', key: 'k2', resumes: false }];
    expect(kindsOf({ ...unsure, userRows }, [fault({})])).toEqual(['doubled']);
  });

  it.each([
    ['of the other gateway', { stacks: ['a'] }],
    ['of something else', { kind: 'proxy' }],
    ['before the turn began', { from: 1_600, until: 1_700 }],
    ['after the turn was over', { from: 2_600, until: 2_700 }],
  ] as const)('is not explained by a kill %s', (_, change) => {
    expect(kindsOf(unsure, [fault(change)])).toEqual(['unexplained-uncertain']);
  });
});
