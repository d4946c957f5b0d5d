import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/ports/machine.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { createFakeClock } from './fake-clock.ts';
import { createMemoryLog } from './memory-log.ts';
import { tempFolder } from './temp-folder.ts';
import { ROOMY_LIMITS } from './budgets.ts';

export interface TempStore extends Store {
  /** Closes it and opens it again, as a restart of the proxy does. */
  reopen(): TempStore;
}

/** A store on real files, in a new folder unless one is given. */
export function tempStore(clock: Clock = createFakeClock(), dataDir = tempFolder()): TempStore {
  const store = openStore({
    dataDir,
    keyFile: join(dataDir, 'key'),
    limits: ROOMY_LIMITS,
    clock,
    log: createMemoryLog(),
  });
  let open = true;
  const close = (): void => {
    if (open) store.close();
    open = false;
  };
  onTestFinished(close);
  return {
    ...store,
    close,
    reopen: () => {
      close();
      return tempStore(clock, dataDir);
    },
  };
}
