import type { IncomingMessage } from 'node:http';
import { A2A_PROTOCOL_VERSION, A2A_VERSION_HEADER } from '@a2a-js/sdk';
import { Refusal } from './refusal.ts';

/** A sender that names no version speaks 1.0, as stock OpenClaw does. Throws Refusal `version-unsupported`. */
export function checkVersion({ headers }: IncomingMessage): void {
  const version = headers[A2A_VERSION_HEADER.toLowerCase()];
  if (version !== undefined && version !== A2A_PROTOCOL_VERSION) throw new Refusal('version-unsupported');
}
