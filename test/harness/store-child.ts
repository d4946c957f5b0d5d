/**
 * A process of its own that opens the store of a folder and does one thing with it, then prints what came of it as one
 * line of JSON. `hold` and `accept` keep the store open until they are killed.
 */
import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { systemClock } from '../../src/system.ts';
import { BOB, sampleInbound, sampleOutbound, samplePeer } from './samples.ts';

const [dataDir = '', job = '', key = 'key'] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const stayAlive = () => void setInterval(() => undefined, 60_000);

const JOBS: Readonly<Record<string, (store: Store) => void>> = {
  open: (store) => {
    say({ opened: true });
    store.close();
  },
  hold: () => {
    say({ opened: true });
    stayAlive();
  },
  accept: (store) => {
    store.peers.addPeer(samplePeer());
    store.peers.putOutboundToken(BOB, 'a token for bob');
    store.outbox.add(sampleOutbound('out-1'));
    say({ kind: store.inbox.accept(sampleInbound('in-1')).kind });
    stayAlive();
  },
};

try {
  const log = createLog(() => undefined);
  JOBS[job]?.(openStore({ dataDir, keyFile: join(dataDir, key), clock: systemClock, log }));
} catch (error) {
  say({ code: (error as { code?: string }).code, line: (error as { line?: string }).line });
}
