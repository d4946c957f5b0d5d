import type { CleanedEnv } from 'envalid';
import type { PolicyLimits } from '../core/policy.ts';
import type { VARIABLES } from './variables.ts';

/** What peers may take from this stack. Bytes, milliseconds, counts. */
export interface LimitsConfig {
  readonly sends: PolicyLimits;
  readonly turns: { readonly turnsAtOnce: number; readonly turnsPerPeer: number };
  /** Of the peer listener. */
  readonly listener: {
    readonly headerBytes: number;
    readonly bodyBytes: number;
    readonly textBytes: number;
    readonly connections: number;
    readonly connectionsPerNode: number;
    readonly pollsPerMinute: number;
    readonly attemptsPerMinute: number;
    readonly waits: number;
    readonly waitsPerPeer: number;
    readonly headersMs: number;
    readonly requestMs: number;
    readonly idleMs: number;
    readonly answerMs: number;
  };
}

const KIB = 1024;
const SECOND_MS = 1000;

export function buildLimits(values: CleanedEnv<typeof VARIABLES>): LimitsConfig {
  return Object.freeze({
    sends: {
      sendsPerMinute: values.AGENT_PEER_SENDS_PER_MINUTE,
      totalSendsPerMinute: values.AGENT_PEER_TOTAL_SENDS_PER_MINUTE,
      budgets: {
        turnsPerHour: values.AGENT_PEER_TURNS_PER_HOUR,
        turnsPerDay: values.AGENT_PEER_TURNS_PER_DAY,
        turnsPerConversation: values.AGENT_PEER_TURNS_PER_CONVERSATION,
        bytesPerDay: values.AGENT_PEER_KIB_PER_DAY * KIB,
      },
    },
    turns: {
      turnsAtOnce: values.AGENT_PEER_TURNS,
      turnsPerPeer: values.AGENT_PEER_TURNS_PER_PEER,
    },
    listener: {
      headerBytes: values.AGENT_PEER_HEADER_KIB * KIB,
      bodyBytes: values.AGENT_PEER_BODY_KIB * KIB,
      textBytes: values.AGENT_PEER_TEXT_KIB * KIB,
      connections: values.AGENT_PEER_CONNECTIONS,
      connectionsPerNode: values.AGENT_PEER_CONNECTIONS_PER_NODE,
      pollsPerMinute: values.AGENT_PEER_POLLS_PER_MINUTE,
      attemptsPerMinute: values.AGENT_PEER_ATTEMPTS_PER_MINUTE,
      waits: values.AGENT_PEER_WAITS,
      waitsPerPeer: values.AGENT_PEER_WAITS_PER_PEER,
      headersMs: values.AGENT_PEER_HEADER_SECONDS * SECOND_MS,
      requestMs: values.AGENT_PEER_BODY_SECONDS * SECOND_MS,
      idleMs: values.AGENT_PEER_IDLE_SECONDS * SECOND_MS,
      answerMs: values.AGENT_PEER_ANSWER_SECONDS * SECOND_MS,
    },
  });
}
