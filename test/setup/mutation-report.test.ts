import { describe, expect, it } from 'vitest';
import { fileCounts, judgeSurvivors, reportOf, survivorsOf } from '../../setup/mutation-report.mjs';

const at = (line: number, from: number, to: number) => ({
  start: { line, column: from },
  end: { line, column: to },
});
const FILES = {
  'src/core/b.ts': { source: 'const b = 1;', mutants: [] },
  'src/core/a.ts': {
    source: 'if (x < 1) {\n  return 2;\n}\n',
    mutants: [
      { mutatorName: 'EqualityOperator', replacement: 'x <= 1', status: 'Survived', location: at(1, 5, 10) },
      { mutatorName: 'EqualityOperator', replacement: 'x >= 1', status: 'Killed', location: at(1, 5, 10) },
      { mutatorName: 'Conditional', replacement: 'true', status: 'Timeout', location: at(1, 5, 10) },
      {
        mutatorName: 'BlockStatement',
        replacement: '{}',
        status: 'NoCoverage',
        location: { start: { line: 1, column: 12 }, end: { line: 3, column: 2 } },
      },
    ],
  },
};
const SURVIVOR = {
  file: 'src/core/a.ts',
  mutator: 'EqualityOperator',
  line: 'if (x < 1) {',
  mutation: 'x < 1 -> x <= 1',
};
const UNCOVERED = { ...SURVIVOR, mutator: 'BlockStatement', mutation: '{ return 2; } -> {}' };

describe('a mutation run', () => {
  it('tells what nothing noticed by the words of the file, not by line numbers', () => {
    expect(survivorsOf(FILES)).toEqual([SURVIVOR, UNCOVERED]);
  });

  it.each(['NoCoverage', 'Ignored', 'CompileError', 'RuntimeError'])('counts %s as not noticed', (status) => {
    const mutants = [{ mutatorName: 'Regex', replacement: '/b/', status, location: at(1, 1, 4) }];
    expect(survivorsOf({ 'a.ts': { source: '/a/', mutants } })).toHaveLength(1);
  });

  it('is red for a survivor without a reason, and for a reason without a survivor', () => {
    const reasons = [
      { ...SURVIVOR, reason: 'x is never 1' },
      { ...UNCOVERED, line: 'if (y < 1) {', reason: 'y was there before' },
    ];
    expect(judgeSurvivors([SURVIVOR, UNCOVERED], reasons)).toEqual({
      unexplained: [UNCOVERED],
      outdated: [reasons[1]],
    });
    expect(judgeSurvivors([SURVIVOR], [{ ...SURVIVOR, reason: ' ' }]).unexplained).toEqual([SURVIVOR]);
  });

  it('is reported by file, and in all', () => {
    const report = reportOf(
      fileCounts(FILES),
      [SURVIVOR, UNCOVERED],
      [{ ...SURVIVOR, reason: 'x is never 1' }],
    );
    expect(report).toContain('| src/core/a.ts | 4 | 1 | 1 | 1 | 1 | 0 | 50.0 % |');
    expect(report).toContain('| all | 4 | 1 | 1 | 1 | 1 | 0 | 50.0 % |');
    expect(report).not.toContain('src/core/b.ts');
    expect(report).toContain('x <= 1` in `if (x < 1) {`\n  x is never 1');
    expect(report).toContain('**Not explained.**');
  });
});
