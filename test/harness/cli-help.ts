import { runCli } from './run-cli.ts';

/** A command that does something, as the program's own help has it. */
export interface VerbHelp {
  /** Such as `peers list`. */
  readonly name: string;
  readonly options: readonly string[];
}

const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

/** All of them; what has commands below it does nothing itself. */
export async function helpOfVerbs(path: readonly string[] = []): Promise<readonly VerbHelp[]> {
  const { stdout } = await runCli([...path, '--help']);
  const [own = '', listed] = stdout.split('\nCommands:\n');
  if (listed === undefined) return [{ name: path.join(' '), options: namesIn(own, /^ {2}(--[a-z-]+)/gm) }];
  const names = namesIn(listed, /^ {2}([a-z-]+)/gm).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => helpOfVerbs([...path, name])));
  return below.flat();
}
