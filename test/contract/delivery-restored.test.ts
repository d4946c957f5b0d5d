/**
 * A stack that was restored has forgotten what it accepted since the backup; the senders of that ask again, under the same
 * ids, and it looks new.
 *
 * - What the session may have seen already is looked for, as far back as the backup, and run only when it surely was not.
 * - What cannot be decided is uncertain, and is not run.
 * - A message that its sender made after the restore is run at once.
 */
import { expect, it, onTestFinished, vi } from 'vitest';
import type { MessageId, TaskId } from '../../src/core/message.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { stampUuid } from '../../src/core/restore.ts';
import { turnObstacle } from '../../src/core/turn-obstacle.ts';
import { createInboxWorker } from '../../src/delivery/inbox-worker.ts';
import { DELIVERY_LIMITS } from '../../src/delivery/limits.ts';
import { createTurnKey } from '../../src/delivery/turn-key.ts';
import type { Store } from '../../src/store/open.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { backupOf, openFolder, restoreInto } from '../harness/backups.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { BOB, sampleInbound, samplePeer } from '../harness/samples.ts';
import { createScriptedGateway, type ScriptedGateway } from '../harness/scripted-gateway.ts';
import { tempFolder } from '../harness/temp-folder.ts';
import { NO_SEND_BACK } from '../harness/no-send-back.ts';

const QUICK = { ...DELIVERY_LIMITS, lookEveryMs: 5, undecidedMs: 20, sweepEveryMs: 10, stopGraceMs: 20 };

function startWorker({ inbox, peers, restores }: Store, gateway: ScriptedGateway) {
  const parts = { gateway, random: systemRandom, clock: systemClock, log: createMemoryLog(), limits: QUICK };
  const obstacle = (peer: PeerName) => turnObstacle(peer, peers.policy(), Date.now());
  const worker = createInboxWorker({
    sendBack: NO_SEND_BACK,
    inbox,
    restores,
    obstacle,
    replyHolds: () => null,
    onChange: () => undefined,
    ...parts,
  });
  worker.start();
  onTestFinished(() => worker.stop());
  return worker;
}

/** As the peer listener does it. */
function accept({ inbox, credentials }: Store, id: string): void {
  const messageId = id as MessageId;
  const turnKey = createTurnKey(credentials, systemRandom)(BOB, messageId);
  const createdAt = Date.now();
  inbox.accept(sampleInbound(id, { createdAt, turnKey, taskId: `task-${id}` as TaskId }));
}

const idOf = (madeAt: number) => stampUuid(systemRandom.uuid(), madeAt);
const taskOf = ({ inbox }: Store, id: string) => inbox.find(`task-${id}` as TaskId);
const becomes = (store: Store, id: string, state: string) =>
  vi.waitFor(() => expect(taskOf(store, id)?.state).toBe(state), { timeout: 5_000, interval: 2 });

/** A stack that ran one message after the backup, was lost, and was restored on another machine. */
async function lostAndRestored() {
  const gateway = createScriptedGateway();
  const dataDir = tempFolder();
  const lost = openFolder(dataDir);
  lost.peers.addPeer(samplePeer());
  createTurnKey(lost.credentials, systemRandom)(BOB, 'any' as MessageId);
  const takenAt = Date.now();
  const bytes = await backupOf(lost, dataDir, { takenAt: new Date(takenAt).toISOString() });
  const id = idOf(Date.now());
  accept(lost, id);
  const worker = startWorker(lost, gateway);
  await becomes(lost, id, 'replied');
  await worker.stop();
  lost.close();
  const elsewhere = tempFolder();
  expect((await restoreInto(elsewhere, bytes)).exitCode).toBe(0);
  const store = openFolder(elsewhere);
  store.peers.resume(BOB);
  return { gateway, id, takenAt, store };
}

it('answers a message that was run since the backup with its reply, and does not run it again', async () => {
  const { gateway, id, takenAt, store } = await lostAndRestored();
  accept(store, id);
  startWorker(store, gateway);
  await becomes(store, id, 'replied');
  expect(taskOf(store, id)?.reply).toMatch(/^answer to [0-9a-f]{64}$/);
  expect(gateway.turns).toHaveLength(1);
  expect(gateway.lookedSince).toEqual([takenAt]);
});

it('runs one that the session surely never had, once', async () => {
  const { gateway, takenAt, store } = await lostAndRestored();
  const id = idOf(takenAt - 1000);
  accept(store, id);
  startWorker(store, gateway);
  await becomes(store, id, 'replied');
  expect(gateway.turns).toHaveLength(2);
  expect(gateway.lookedSince).toEqual([takenAt]);
});

it('calls uncertain, and does not run, what the session cannot tell', async () => {
  const { gateway, id, store } = await lostAndRestored();
  const { key } = gateway.turns[0] ?? { key: '' };
  gateway.remember(key, { kind: 'undecidable', detail: 'the session was reset' });
  accept(store, id);
  startWorker(store, gateway);
  await becomes(store, id, 'uncertain');
  expect(taskOf(store, id)?.detail).toBe('the session was reset');
  expect(gateway.turns).toHaveLength(1);
});

it('waits for a turn that still goes on there', async () => {
  const { gateway, id, store } = await lostAndRestored();
  const { key } = gateway.turns[0] ?? { key: '' };
  gateway.remember(key, { kind: 'running' });
  accept(store, id);
  startWorker(store, gateway);
  await vi.waitFor(() => expect(gateway.looks()).toBeGreaterThan(2));
  gateway.remember(key, { kind: 'replied', text: 'at last' });
  await becomes(store, id, 'replied');
  expect(gateway.turns).toHaveLength(1);
});

it('does not run it while the gateway is away, nor after a restart in the middle of looking', async () => {
  const { gateway, id, takenAt, store } = await lostAndRestored();
  const { key } = gateway.turns[0] ?? { key: '' };
  gateway.remember(key, { kind: 'running' });
  accept(store, id);
  const worker = startWorker(store, gateway);
  await vi.waitFor(() => expect(gateway.looks()).toBeGreaterThan(0));
  gateway.disconnect();
  await worker.stop();
  expect(taskOf(store, id)?.state).toBe('running');
  gateway.connect();
  gateway.remember(key, { kind: 'silent' });
  startWorker(store, gateway);
  await becomes(store, id, 'replied');
  expect(gateway.turns).toHaveLength(1);
  expect(new Set(gateway.lookedSince)).toEqual(new Set([takenAt]));
});

it('runs a message that was made after the restore without looking', async () => {
  const { gateway, store } = await lostAndRestored();
  const id = idOf(Date.now() + 121_000);
  accept(store, id);
  startWorker(store, gateway);
  await becomes(store, id, 'replied');
  expect([gateway.turns.length, gateway.looks()]).toEqual([2, 0]);
});
