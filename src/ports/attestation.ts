import type { AttestedSession } from '../core/attested-session.ts';

export interface Attestation {
  /**
   * Asks the gateway whether a turn runs in this session now. Throws AgentPeerError `session-key-invalid`,
   * `session-not-running`, and where the gateway cannot be asked `gateway-not-approved` and `gateway-unreachable`.
   */
  attest(session: string): Promise<AttestedSession>;
}
