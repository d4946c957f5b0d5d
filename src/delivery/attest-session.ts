import { attested, parseCallingSession } from '../core/attested-session.ts';
import { AgentPeerError, must } from '../errors.ts';
import type { Attestation } from '../ports/attestation.ts';
import type { GatewaySessions } from '../ports/gateway.ts';

/** Without the key: who names a session that is not theirs learns nothing from the answer but that it was no use. */
function notRunning(): AgentPeerError {
  return new AgentPeerError(
    'session-not-running',
    'no turn runs now in the session that this call names',
    'Name the session that the call comes from, while its turn runs; or name none',
  );
}

export function createAttestation(gateway: Pick<GatewaySessions, 'isRunning'>): Attestation {
  return {
    attest: async (session) => {
      const sessionKey = must('session-key-invalid', parseCallingSession(session));
      const proved = attested(sessionKey, await gateway.isRunning(sessionKey));
      if (proved === null) throw notRunning();
      return proved;
    },
  };
}
