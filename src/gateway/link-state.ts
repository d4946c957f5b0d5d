import type { Log } from '../log.ts';
import type { GatewayState } from '../ports/gateway.ts';

/** Where the connection to the gateway stands, told to the log at each change and to those who wait for it. */
export interface LinkState {
  readonly now: () => GatewayState;
  readonly enter: (next: GatewayState) => void;
  /** Resolves when the state is of this kind, or the signal aborts. */
  readonly when: (kind: GatewayState['kind'], signal: AbortSignal) => Promise<void>;
}

export function createLinkState(log: Log): LinkState {
  let state: GatewayState = { kind: 'connecting', detail: 'not started' };
  const waiting = new Set<(kind: GatewayState['kind']) => void>();

  function enter(next: GatewayState): void {
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    const fields = { state: next.kind, detail: 'detail' in next ? next.detail : null };
    if (next.kind === 'refused' || next.kind === 'unpaired') log.warn('gateway-state', fields);
    else log.info('gateway-state', fields);
    for (const tell of [...waiting]) tell(next.kind);
  }

  function when(kind: GatewayState['kind'], signal: AbortSignal): Promise<void> {
    if (state.kind === kind || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        waiting.delete(tell);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const tell = (entered: GatewayState['kind']): void => {
        if (entered === kind) done();
      };
      waiting.add(tell);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  return { now: () => state, enter, when };
}

/** What a state means for one who wants to use the gateway now. */
export function stateLine(state: GatewayState): string {
  switch (state.kind) {
    case 'ready':
      return 'the gateway is ready';
    case 'unpaired':
      return 'this stack is not paired with its gateway';
    case 'connecting':
    case 'refused':
      return state.detail;
  }
}
