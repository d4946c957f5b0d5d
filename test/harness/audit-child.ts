/** A process that writes to the audit log in the folder it is given, and prints what was told about it. */
import process from 'node:process';
import { createAuditLog } from '../../src/audit/audit-log.ts';
import type { PeerName } from '../../src/core/peer.ts';
import { systemClock } from '../../src/system.ts';
import { createMemoryLog } from './memory-log.ts';

const [dataDir = '', count = '0'] = process.argv.slice(2);
const log = createMemoryLog();
const audit = createAuditLog({ dataDir, log, clock: systemClock });
for (let n = 0; n < Number(count); n += 1) {
  audit.record({
    direction: 'inbound',
    surface: 'a2a',
    operation: 'message-send',
    allowed: true,
    reason: 'accepted',
    peer: 'bob' as PeerName,
    nodeId: null,
    alias: 'handoff',
    messageId: `child-${n}`,
    textDigest: null,
  });
}
process.stdout.write(JSON.stringify(log.events.filter(([event]) => event !== 'decision')));
