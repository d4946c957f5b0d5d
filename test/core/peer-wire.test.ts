import { expect, it } from 'vitest';
import * as wire from '../../src/core/peer-wire.ts';

it('spells what both ends of the wire must spell alike', () => {
  expect(wire).toMatchObject({
    MESSAGES_PATH: '/a2a/v1',
    TOOLS_INVOKE_PATH: '/tools/invoke',
    AGENT_CARD_PATH: '/.well-known/agent-card.json',
    PAIR_PATH: '/pair',
    HEALTH_PATH: '/health',
    MESSAGE_EXTENSION: 'urn:agent-peer:message:1',
    ERROR_DOMAIN: 'agent-peer',
    ANSWER_LIMIT_BYTES: 1_048_576,
    WAIT_LIMIT_MS: 25_000,
    TASK_OUTCOMES: ['failed', 'uncertain', 'expired', 'refused'],
  });
});
