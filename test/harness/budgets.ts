import type { Budgets, Load } from '../../src/core/guard.ts';
import { POLICY_LIMITS, type PolicyLimits } from '../../src/core/policy.ts';
import type { GuardCounts } from '../../src/ports/guard.ts';

const MANY = 1_000_000_000;

/** For tests that are about something else: no pair of stacks sends so much. */
export const ROOMY: Budgets = {
  turnsPerHour: MANY,
  turnsPerDay: MANY,
  turnsPerConversation: MANY,
  bytesPerDay: MANY,
};

export const ROOMY_LIMITS: PolicyLimits = { ...POLICY_LIMITS, budgets: ROOMY };

/** Of a first message that a person wrote. */
export const NO_LOAD: Load = { hop: 0, lastHour: 0, lastDay: 0, ofConversation: 0, bytesLastDay: 0 };

/** Where nothing was ever sent. */
export const NOTHING_COUNTED: GuardCounts = {
  load: () => NO_LOAD,
  before: () => ({ ofConversation: null, ofRecent: null }),
  told: () => null,
};

/** The same for a proxy that is a process of its own. */
export const ROOMY_VARIABLES: Readonly<Record<string, string>> = {
  AGENT_PEER_TURNS_PER_HOUR: '100000',
  AGENT_PEER_TURNS_PER_DAY: '1000000',
  AGENT_PEER_TURNS_PER_CONVERSATION: '100000',
  AGENT_PEER_KIB_PER_DAY: '10000000',
};
