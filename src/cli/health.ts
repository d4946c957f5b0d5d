import { mustLoadConfig } from '../config/env.ts';
import { AgentPeerError } from '../errors.ts';
import { exchange, jsonOf } from './http.ts';
import type { Io } from './io.ts';
import { asAgentPeerError, printError, printOutcome, type PrintOptions } from './outcome.ts';

const ANSWER_MS = 4_000;

async function health(io: Io, options: PrintOptions): Promise<number> {
  const { localPort: port } = mustLoadConfig(io.env);
  const call = { port, method: 'GET', path: '/health', headers: {}, body: null, timeoutMs: ANSWER_MS };
  const json = jsonOf(await exchange(call));
  const status = String(json['status']);
  if (status === 'ok')
    return printOutcome(io, { json, text: `ok, gateway ${String(json['gateway'])}` }, options);
  const error = new AgentPeerError('tailnet-unavailable', `health: ${status}`, 'See agent-peer status');
  return printOutcome(io, { json, text: '', error }, options);
}

/** The image's health check. Loads neither commander nor anything of the server: it runs every few seconds. */
export async function runHealth(io: Io, options: PrintOptions): Promise<number> {
  try {
    return await health(io, options);
  } catch (thrown) {
    const error = asAgentPeerError(thrown);
    printError(io, error, options);
    return error.exitCode;
  }
}
