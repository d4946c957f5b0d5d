import { readFileSync } from 'node:fs';
import { AgentPeerError, messageOf } from '../errors.ts';

/** Throws AgentPeerError `input-invalid` naming the option. */
export function readFile(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AgentPeerError(
      'input-invalid',
      `${option}: ${messageOf(cause)}`,
      'Name a file inside the container',
      { cause },
    );
  }
}

/** Throws AgentPeerError `message-invalid` naming the option, or what else the bytes are of. */
export function decodeText(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AgentPeerError(
      'message-invalid',
      `${what}: is not UTF-8`,
      'Convert it first, for example with iconv',
      { cause },
    );
  }
}
