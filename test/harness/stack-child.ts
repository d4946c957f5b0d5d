/**
 * A whole proxy as a process of its own, for tests that end it at a fault point. The tailnet address is one of loopback
 * that no interface names; AGENT_PEER_ variables are the proxy's own, the others say what the test wants:
 * TEST_ADDRESS, and TEST_FAULT as `point` or `point#n` for the n-th time that it is reached.
 */
import process from 'node:process';
import { loadConfig } from '../../src/config/env.ts';
import { problemLine } from '../../src/core/parsed.ts';
import { createLog } from '../../src/log.ts';
import { startStack } from '../../src/stack/start.ts';

const { TEST_ADDRESS: address = '', TEST_FAULT: fault = '' } = process.env;
const [point = '', nth = '1'] = fault.split('#');

const loaded = loadConfig(process.env);
if (!loaded.ok) throw new Error(loaded.problems.map(problemLine).join('\n'));
const log = createLog();
let reached = 0;
await startStack({
  config: loaded.config,
  version: '0.1.0',
  log,
  signal: new AbortController().signal,
  onDead: (error) => log.error('dead', { what: error.line }),
  addresses: () => [{ address, loopback: false }],
  reach: (at) => {
    if (at !== point) return;
    reached += 1;
    // No handler runs, nothing is flushed: what is on disk is what is there.
    if (reached === Number(nth)) process.kill(process.pid, 'SIGKILL');
  },
});
log.info('started');
