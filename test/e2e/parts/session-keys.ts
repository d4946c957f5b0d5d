import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../../src/gateway/connection.ts';
import { answerOf, connectDevice } from '../../harness/gateway-device.ts';
import type { RealGateway } from '../../harness/real-gateway.ts';
import { SPELLINGS } from '../../harness/session-spellings.ts';
import { timedPart } from '../../harness/timed-part.ts';

/** The key under which the gateway keeps the session that this spelling names; null when there is none. */
async function keyOf(connection: Connection, raw: string): Promise<unknown> {
  return (await answerOf(connection, 'sessions.resolve', { key: raw }))?.['key'] ?? null;
}

/**
 * Asks for a turn, and stops it when the gateway has taken it on: its session is kept by then, and a model's answer
 * would tell nothing more.
 */
async function beginTurn(connection: Connection, raw: string): Promise<unknown> {
  const runId = randomUUID();
  const turn = { message: 'hello', sessionKey: raw, deliver: false, idempotencyKey: runId };
  const taken = await answerOf(connection, 'agent', turn);
  if (taken !== null) await answerOf(connection, 'chat.abort', { sessionKey: raw, runId });
  return taken?.['status'] ?? null;
}

/** @param gateway one that runs; it is left running */
export function sessionKeys(gateway: () => RealGateway): void {
  timedPart('session keys', () => {
    let connection: Connection | undefined;

    beforeAll(async () => {
      connection = await connectDevice(gateway(), 'keys');
    });
    afterAll(async () => {
      await connection?.close();
    });

    function open(): Connection {
      if (connection === undefined) throw new Error('no connection: see the first error');
      return connection;
    }

    const ours = SPELLINGS.filter((spelling) => spelling.ours === 'same');

    it('a real OpenClaw begins a turn under the key that we come to, however it is spelt', async () => {
      for (const { raw, stored } of ours) {
        expect(await beginTurn(open(), raw), raw).toBe('accepted');
        expect(await keyOf(open(), raw), raw).toBe(stored);
      }
    });

    it('refuses the turns of malformed keys', async () => {
      for (const { raw } of SPELLINGS.filter(({ stored }) => stored === null)) {
        expect(await beginTurn(open(), raw), raw).toBeNull();
      }
    });

    it('knows none of those sessions by a spelling that we refuse, but by the written-down ones', async () => {
      const keys = new Set(ours.map(({ stored }) => stored));
      for (const { raw, stored } of SPELLINGS.filter((spelling) => spelling.ours === 'refused')) {
        expect(await keyOf(open(), raw), raw).toBe(keys.has(stored) ? stored : null);
      }
    });
  });
}
