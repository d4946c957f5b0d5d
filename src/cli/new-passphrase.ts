import { checkPassphrase } from '../backup/passphrase.ts';
import { AgentPeerError } from '../errors.ts';
import type { Io } from './io.ts';
import { promptHidden } from './prompt.ts';
import { readSecret } from './secret-input.ts';

const OPTION = '--passphrase-file';

/** For what is encrypted now: on a terminal typed twice, since a slip would only be found out when it is needed. */
export async function newPassphrase(io: Io, file: string | undefined): Promise<string> {
  const question = 'Passphrase for the backup';
  const passphrase = await readSecret(io, file, OPTION, question, 'passphrase');
  checkPassphrase(passphrase);
  if (file !== undefined || !io.stdin.isTTY) return passphrase;
  const again = await promptHidden(io, 'The same again');
  if (again.trim() === passphrase) return passphrase;
  throw new AgentPeerError('input-invalid', 'the two passphrases differ', 'Begin again');
}

export const knownPassphrase = (io: Io, file: string | undefined): Promise<string> =>
  readSecret(io, file, OPTION, 'Passphrase of the backup', 'passphrase');
