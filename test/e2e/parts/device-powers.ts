import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionKey } from '../../../src/core/session-key.ts';
import { readAgentTools } from '../../../src/gateway/agent-tools.ts';
import type { Connection } from '../../../src/gateway/connection.ts';
import {
  answerOf,
  answerOrCode,
  connectDevice,
  type DeviceConnection,
} from '../../harness/gateway-device.ts';
import type { RealGateway } from '../../harness/real-gateway.ts';
import { timedPart } from '../../harness/timed-part.ts';

type Call = readonly [method: string, params: object];

/** Another peer's, and another agent's: nobody gave this device anything here. */
const OTHERS = 'agent:main:peer-of-somebody-else';
const READERS = 'agent:reader:made-by-this-device';
const READERS_NEW = 'agent:reader:not-yet' as SessionKey;

const READS: readonly Call[] = [
  ['sessions.list', {}],
  ['chat.history', { sessionKey: OTHERS }],
  ['chat.history', { sessionKey: READERS }],
  ['tools.effective', { sessionKey: READERS }],
  ['config.get', {}],
  ['logs.tail', {}],
  ['agents.list', {}],
  ['agents.files.get', { agentId: 'main', name: 'AGENTS.md' }],
  ['cron.list', {}],
  ['node.list', {}],
];

const DOES: readonly Call[] = [
  ['sessions.patch', { key: OTHERS, label: 'renamed' }],
  ['sessions.patch', { key: READERS, model: 'scripted/scripted' }],
  ['sessions.create', { agentId: 'main', key: 'agent:main:made-by-this-device' }],
];

const APPROVAL = { requestId: 'none' };
const REFUSED: readonly Call[] = [
  ['config.set', { raw: '{}' }],
  ['config.patch', { raw: '{}' }],
  ['config.apply', { raw: '{}' }],
  ['device.pair.list', {}],
  ['device.pair.approve', APPROVAL],
  ['device.pair.reject', APPROVAL],
  ['node.pair.list', {}],
  ['node.pair.approve', APPROVAL],
  ['exec.approvals.get', {}],
  ['exec.approvals.set', { file: {} }],
  ['exec.approval.list', {}],
  ['exec.approval.resolve', { id: 'none', decision: 'allow-once' }],
  ['sessions.reset', { key: OTHERS }],
  ['sessions.delete', { key: OTHERS }],
  ['sessions.compact', { key: OTHERS }],
  ['sessions.rewind', { key: OTHERS }],
  ['sessions.patch', { key: OTHERS, permissionMode: 'full' }],
  ['agent', { message: '/reset', sessionKey: OTHERS, deliver: false, idempotencyKey: 'reset' }],
  ['cron.add', { name: 'x', schedule: { kind: 'every', everyMs: 60_000 }, payload: { kind: 'agentTurn' } }],
  ['cron.run', { id: 'none' }],
  ['agents.create', { name: 'another', workspace: '/tmp/another' }],
  ['agents.files.set', { agentId: 'main', name: 'AGENTS.md', content: 'x' }],
  ['skills.install', { name: 'x' }],
  ['plugins.install', { spec: 'x' }],
  ['secrets.resolve', {}],
  ['terminal.open', {}],
  ['fs.listDir', { path: '/' }],
  ['update.run', {}],
];

/** The gateway reads its configuration again by itself. */
async function untilReader(connection: Connection): Promise<void> {
  const agents = async () => JSON.stringify(await answerOf(connection, 'agents.list', {}));
  while (!(await agents()).includes('"reader"')) await sleep(200);
}

/** @param gateway one that runs; it is left running, with a second agent */
export function devicePowers(gateway: () => RealGateway): void {
  timedPart('the powers of a device with operator.read and operator.write', () => {
    let connection: DeviceConnection | undefined;

    beforeAll(async () => {
      await gateway().addReader();
      connection = await connectDevice(gateway(), 'powers');
      await untilReader(connection);
    });
    afterAll(async () => {
      await connection?.close();
    });

    function open(): DeviceConnection {
      if (connection === undefined) throw new Error('no connection: see the first error');
      return connection;
    }

    it('the tools of an agent that was denied all are none, before it has a session and after', async () => {
      const none = { kind: 'known', tools: [] };
      expect(await readAgentTools(open(), READERS_NEW)).toEqual(none);
      await answerOf(open(), 'sessions.create', { agentId: 'reader', key: READERS });
      const made = { sessionKey: READERS };
      expect(await answerOf(open(), 'tools.effective', made)).toMatchObject({ groups: [] });
      expect(await readAgentTools(open(), READERS_NEW)).toEqual(none);
    });

    it('it has a turn run in a session that nobody gave it, and reads what was said there', async () => {
      const runId = randomUUID();
      const message = 'the word is melon';
      const turn = { message, sessionKey: OTHERS, deliver: false, idempotencyKey: runId };
      expect(await answerOf(open(), 'agent', turn)).toMatchObject({ status: 'accepted' });
      expect(await answerOf(open(), 'agent.wait', { runId, timeoutMs: 60_000 })).toMatchObject({
        status: 'ok',
      });
      const history = JSON.stringify(await answerOf(open(), 'chat.history', { sessionKey: OTHERS }));
      expect(history).toContain(message);
      expect(history).toMatch(/a read \d+ characters/);
    });

    it.each(READS)('it reads with %s, and no secret', async (method, params) => {
      const answer = await answerOrCode(open(), method, params);
      expect(answer).toBeTypeOf('object');
      expect(JSON.stringify(answer)).not.toContain(gateway().sharedToken);
    });

    it.each(DOES)('it may call %s %j', async (method, params) => {
      expect(await answerOrCode(open(), method, params)).toBeTypeOf('object');
    });

    it('it may send to other people: it fails for want of a chat account, and not of a scope', async () => {
      const params = { to: 'x', channel: 'telegram', message: 'x', idempotencyKey: randomUUID() };
      const answer = await answerOrCode(open(), 'send', params);
      expect(answer).toBeTypeOf('string');
      expect(answer).not.toBe('FORBIDDEN');
    });

    it('it calls the session tools of an agent without a model, and no shell', async () => {
      const sessionKey = 'agent:main:peer-bob';
      const list = { name: 'sessions_list', args: {}, sessionKey };
      expect(await answerOf(open(), 'tools.invoke', list)).toMatchObject({ ok: true });
      for (const name of ['exec', 'write', 'read', 'gateway']) {
        const answer = await answerOf(open(), 'tools.invoke', { name, args: {}, sessionKey });
        expect(answer, name).toMatchObject({ ok: false, error: { code: 'not_found' } });
      }
    });

    it('it may ask to be given more, which its owner would have to approve', async () => {
      const answer = await answerOf(open(), 'device.scopes.requestUpgrade', { scopes: ['operator.admin'] });
      expect(answer).toHaveProperty('requestId');
      expect(await answerOrCode(open(), 'config.set', { raw: '{}' })).toBe('FORBIDDEN');
    });

    it.each(REFUSED)('it is refused %s %j', async (method, params) => {
      expect(await answerOrCode(open(), method, params)).toBe('FORBIDDEN');
    });

    it('it is refused to remove or revoke itself, so unpairing needs the owner', async () => {
      const { deviceId } = open();
      const own = { deviceId, role: 'operator' };
      expect(await answerOrCode(open(), 'device.pair.remove', { deviceId })).toBe('FORBIDDEN');
      expect(await answerOrCode(open(), 'device.token.revoke', own)).toBe('FORBIDDEN');
      expect(await answerOrCode(open(), 'device.token.rotate', own)).toBe('FORBIDDEN');
    });
  });
}
