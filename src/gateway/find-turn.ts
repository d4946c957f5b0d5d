import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnTrace } from '../core/inbox.ts';
import { AgentPeerError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { collectEvidence, type Search } from './evidence.ts';
import { readText } from './history.ts';
import { objectOf } from './json.ts';
import { judge } from './judge.ts';
import type { GatewayLink } from './link.ts';
import { stateLine } from './link-state.ts';
import { GatewayAnswerError, NoAnswerError } from './request-errors.ts';

/** Limits in milliseconds. */
interface FindTurnDeps {
  readonly link: GatewayLink;
  readonly lookWaitMs: number;
  readonly lookAgainMs: number;
}

const WAIT_REQUEST_MS = 10_000;
const FIX = 'Start the gateway; the message is kept and looked up again';

/** A gateway that did not restart remembers a run's end for five minutes, silent ones too. */
async function askForEnd(connection: Connection, runs: readonly string[]): Promise<TurnTrace> {
  for (const runId of runs.toReversed()) {
    const end = objectOf(
      await connection.request('agent.wait', { runId, timeoutMs: 0 }, { timeoutMs: WAIT_REQUEST_MS }),
    );
    const { status, endedAt, terminalReply } = end;
    if (status === 'error' || (status === 'timeout' && endedAt !== undefined)) {
      return { kind: 'failed', detail: 'the turn failed in the gateway' };
    }
    if (status === 'ok')
      return objectOf(terminalReply)['disposition'] === 'visible' ? { kind: 'running' } : { kind: 'silent' };
  }
  return { kind: 'undecidable', detail: 'the session shows the message but no end of its turn' };
}

async function look(connection: Connection, search: Search): Promise<TurnTrace> {
  const sight = judge(await collectEvidence(connection, search));
  if (sight.kind === 'unclear') return askForEnd(connection, sight.runs);
  if (sight.kind !== 'answered') return sight;
  const text = await readText(connection, search.sessionKey, sight.messageId);
  if (text === null) return { kind: 'undecidable', detail: 'the gateway cannot show the reply any more' };
  return { kind: 'replied', text };
}

/**
 * Rows and run states are not one snapshot: a turn may just be entering the session, or its row may appear after its
 * run is called done. Only what is seen counts at once; what is not seen has to be missing twice.
 */
async function lookTwice(connection: Connection, search: Search, againMs: number): Promise<TurnTrace> {
  const first = await look(connection, search);
  if (first.kind === 'replied' || first.kind === 'running') return first;
  await sleep(againMs);
  return look(connection, search);
}

function unreachable(detail: string): AgentPeerError {
  return new AgentPeerError(
    'gateway-unreachable',
    `the gateway cannot be asked about a turn: ${detail}`,
    FIX,
  );
}

export function createFindTurn({
  link,
  lookWaitMs,
  lookAgainMs,
}: FindTurnDeps): (search: Search) => Promise<TurnTrace> {
  return async (search) => {
    await link.whenReady(AbortSignal.timeout(lookWaitMs));
    const connection = link.connection();
    if (connection === null) throw unreachable(stateLine(link.state()));
    try {
      return await lookTwice(connection, search, lookAgainMs);
    } catch (error) {
      if (error instanceof GatewayAnswerError && error.code === 'INVALID_REQUEST') {
        return { kind: 'undecidable', detail: 'the gateway does not have this session any more' };
      }
      if (error instanceof GatewayAnswerError || error instanceof NoAnswerError)
        throw unreachable(error.message);
      throw error;
    }
  };
}
