/** Raised, because a soak sends in an hour what two people's agents do not send in a week. */
export const SOAK_LIMITS: Readonly<Record<string, string>> = {
  AGENT_PEER_SENDS_PER_MINUTE: '1000',
  AGENT_PEER_TOTAL_SENDS_PER_MINUTE: '2000',
  AGENT_PEER_POLLS_PER_MINUTE: '10000',
  AGENT_PEER_TURNS: '8',
  AGENT_PEER_TURNS_PER_PEER: '4',
  AGENT_PEER_TURNS_PER_HOUR: '10000',
  AGENT_PEER_TURNS_PER_DAY: '10000',
  AGENT_PEER_TURNS_PER_CONVERSATION: '10000',
  AGENT_PEER_KIB_PER_DAY: '1000000',
};
