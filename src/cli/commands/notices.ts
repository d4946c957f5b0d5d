import type { Command } from 'commander';
import type { NoticeView } from '../../local-server/routes/notices.ts';
import { verb, wholeNumber, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { table } from '../table.ts';

interface Listed {
  readonly open: readonly NoticeView[];
  readonly over: readonly NoticeView[];
}

function rowOf({ createdAt, kind, overAt, text }: NoticeView): readonly string[] {
  return [createdAt, kind, overAt ?? 'no', text];
}

async function list(cli: Cli, limit: number): Promise<Outcome> {
  const answer = await cli.connect().get<Listed>(`/notices?limit=${limit}`);
  const all = [...answer.open, ...answer.over];
  const note = answer.open.length === 0 ? 'Nothing needs you.' : '';
  const text = all.length === 0 ? '' : table(['SINCE', 'KIND', 'OVER', 'TEXT'], all.map(rowOf));
  return { json: answer, text, note };
}

export function addNotices(program: Command, cli: Cli): void {
  const notices = program.command('notices').description('what needs you');
  verb(notices, 'list', 'list what needs you, and what did lately', true)
    .option('--limit <n>', 'how far to look back', wholeNumber(1, 200), 20)
    .action((options: PrintOptions & { readonly limit: number }) =>
      cli.perform(options, () => list(cli, options.limit)),
    );
}
