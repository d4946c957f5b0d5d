import { createConnector, type Connection } from '../../src/gateway/connection.ts';
import { createDevice } from '../../src/gateway/device.ts';
import { objectOf, type Json } from '../../src/gateway/json.ts';
import { GatewayAnswerError } from '../../src/gateway/request-errors.ts';
import type { ScriptTarget } from './gateway-script.ts';
import { createMemoryCredentials } from './memory-credentials.ts';

const never = new AbortController().signal;
const ANSWER_MS = 60_000;

export interface DeviceConnection extends Connection {
  readonly deviceId: string;
}

/** A device like ours, but one that asks the gateway what we never ask it. */
export async function connectDevice(gateway: ScriptTarget, displayName: string): Promise<DeviceConnection> {
  const { identity } = createDevice(createMemoryCredentials());
  const connect = createConnector({ url: gateway.url, identity, displayName, version: '0.0.0' });
  const shared = { kind: 'shared', token: gateway.sharedToken } as const;
  const asked = await connect(shared, never);
  if (asked.ok || asked.failure.kind !== 'approval-needed') throw new Error('no approval was asked for');
  await gateway.approve(asked.failure.requestId);
  const approved = await connect(shared, never);
  if (!approved.ok) throw new Error(`the approved device is refused: ${approved.failure.kind}`);
  return { ...approved.connection, deviceId: identity().deviceId };
}

/** The answer, or the code of the error that the gateway answers with. */
export async function answerOrCode(
  connection: Connection,
  method: string,
  params: object,
): Promise<Json | string> {
  try {
    return objectOf(await connection.request(method, params, { timeoutMs: ANSWER_MS }));
  } catch (error) {
    if (error instanceof GatewayAnswerError) return error.code;
    throw error;
  }
}

/** Null when the gateway answers with an error. */
export async function answerOf(connection: Connection, method: string, params: object): Promise<Json | null> {
  const answer = await answerOrCode(connection, method, params);
  return typeof answer === 'string' ? null : answer;
}
