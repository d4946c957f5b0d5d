import { ROOMY_VARIABLES } from './budgets.ts';

/**
 * What the lab's stacks are given in place of the limits that stacks have. Thousands of requests in a minute, most of
 * them refused ones from two addresses, are what these tests do and nobody else should; and senders that take their
 * time are to be sent away sooner than a real one on a bad path. The limits themselves are tested on their own.
 */
export const LAB_LIMITS: Readonly<Record<string, string>> = {
  ...ROOMY_VARIABLES,
  AGENT_PEER_ATTEMPTS_PER_MINUTE: '100000',
  AGENT_PEER_POLLS_PER_MINUTE: '100000',
  AGENT_PEER_SENDS_PER_MINUTE: '10000',
  AGENT_PEER_TOTAL_SENDS_PER_MINUTE: '10000',
  AGENT_PEER_WAITS_PER_PEER: '16',
  AGENT_PEER_CONNECTIONS: '512',
  AGENT_PEER_CONNECTIONS_PER_NODE: '256',
  AGENT_PEER_HEADER_SECONDS: '5',
  AGENT_PEER_BODY_SECONDS: '8',
};
