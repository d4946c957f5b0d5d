import { parsed, problem, type Parsed, type Problem } from '../core/parsed.ts';
import { readSecretFile } from './secret-file.ts';
import { SECRETS, type SecretName } from './variables.ts';

export interface RawSecrets {
  readonly values: Readonly<Partial<Record<SecretName, string>>>;
  /** The variable to name when a value turns out malformed: the one that the reader set. */
  readonly setBy: Readonly<Partial<Record<SecretName, string>>>;
  readonly problems: readonly Problem[];
}

type Env = Readonly<Record<string, string | undefined>>;

function readOne(
  env: Env,
  name: SecretName,
): Parsed<{ readonly value: string | undefined; readonly setBy: string }> {
  const fileName = `${name}_FILE`;
  const path = env[fileName];
  if (path === undefined) return parsed({ value: env[name], setBy: name });
  if (env[name] !== undefined) return problem(name, `is set, and so is ${fileName}`, 'Set one of the two');
  if (!path.startsWith('/')) return problem(fileName, 'is not an absolute path', 'Begin it with "/"');
  const read = readSecretFile(path, fileName);
  return read.ok ? parsed({ value: read.value, setBy: fileName }) : read;
}

/** Takes each secret from its variable or from the file that `<name>_FILE` names. */
export function readSecrets(env: Env): RawSecrets {
  const values: Partial<Record<SecretName, string>> = {};
  const setBy: Partial<Record<SecretName, string>> = {};
  const problems: Problem[] = [];
  for (const name of Object.keys(SECRETS) as SecretName[]) {
    const read = readOne(env, name);
    if (!read.ok) problems.push(read.problem);
    else if (read.value.value !== undefined) {
      values[name] = read.value.value;
      setBy[name] = read.value.setBy;
    }
  }
  return { values, setBy, problems };
}
