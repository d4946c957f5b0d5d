import { isGatewayProtocolResponseError } from '@openclaw/gateway-client';
import { codeOf } from './connect-failure.ts';
import { objectOf, textOf } from './json.ts';

/** The gateway answered a request with an error. Its text is left behind: it names models, paths and sessions. */
export class GatewayAnswerError extends Error {
  override readonly name = 'GatewayAnswerError';
  readonly code: string;
  /** True when the gateway itself says that the same request may pass later. */
  readonly retryable: boolean;

  constructor(code: string, retryable: boolean) {
    super(`the gateway answered ${code}`);
    this.code = code;
    this.retryable = retryable;
  }
}

/** There is no answer and there will be none on this connection. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

const RESTARTING = new Set(['gateway-restarting', 'gateway-suspending', 'startup-sidecars']);

/** What the client threw, in our words. */
export function requestErrorOf(error: unknown): GatewayAnswerError | NoAnswerError {
  if (isGatewayProtocolResponseError(error)) {
    const reason = textOf(objectOf(error.details)['reason']);
    const retryable = error.retryable || (reason !== null && RESTARTING.has(reason));
    return new GatewayAnswerError(codeOf(error.code), retryable);
  }
  const late = objectOf(error)['code'] === 'CLIENT_TIMEOUT';
  return new NoAnswerError(
    late ? 'the gateway did not answer in time' : 'the connection to the gateway was lost',
  );
}
