/**
 * The refusals, as a peer of another version sees them. A word that vanishes or changes its status ends messages that
 * were kept before, or keeps those that were ended; docs/refusals.md must say the same.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isPassing, REFUSAL_REASONS } from '../../src/core/refusal.ts';
import { REFUSAL_TABLE } from '../../src/a2a/refusal-table.ts';

/** reason: what is told, HTTP status, JSON-RPC code, Retry-After in seconds, and what it does to the message. */
const PINNED = {
  'token-missing': ['unauthenticated', 401, -32000, null, 'refused'],
  'token-unknown': ['unauthenticated', 401, -32000, null, 'refused'],
  'node-unknown': ['unauthenticated', 401, -32000, null, 'refused'],
  'node-mismatch': ['unauthenticated', 401, -32000, null, 'refused'],
  'node-not-paired': ['unauthenticated', 401, -32000, null, 'refused'],
  'peer-unknown': ['unauthenticated', 401, -32000, null, 'refused'],
  unauthenticated: ['unauthenticated', 401, -32000, null, 'refused'],
  'peer-revoked': ['peer-revoked', 403, -32000, null, 'refused'],
  'peer-expired': ['peer-expired', 403, -32000, null, 'refused'],
  'peer-provisional': ['peer-provisional', 503, -32000, 5, 'kept'],
  'peer-paused': ['peer-paused', 503, -32000, 60, 'kept'],
  'stack-paused': ['stack-paused', 503, -32000, 60, 'kept'],
  'invite-unknown': ['invite-unknown', 403, -32000, null, 'refused'],
  'invite-expired': ['invite-expired', 403, -32000, null, 'refused'],
  'invite-used': ['invite-used', 403, -32000, null, 'refused'],
  'invite-other-node': ['invite-other-node', 403, -32000, null, 'refused'],
  'node-paired': ['node-paired', 403, -32000, null, 'refused'],
  'guesses-exceeded': ['guesses-exceeded', 429, -32000, 60, 'kept'],
  'alias-not-granted': ['alias-not-granted', 403, -32000, null, 'refused'],
  'grant-expired': ['grant-expired', 403, -32000, null, 'refused'],
  'operation-not-granted': ['operation-not-granted', 403, -32000, null, 'refused'],
  'sends-exceeded': ['sends-exceeded', 429, -32000, 20, 'kept'],
  'total-sends-exceeded': ['total-sends-exceeded', 503, -32000, 20, 'kept'],
  'polls-exceeded': ['polls-exceeded', 429, -32000, 20, 'kept'],
  'attempts-exceeded': ['attempts-exceeded', 429, -32000, 60, 'kept'],
  'connections-exceeded': ['connections-exceeded', 503, -32000, 5, 'kept'],
  'path-unknown': ['path-unknown', 404, -32600, null, 'refused'],
  'method-not-allowed': ['method-not-allowed', 405, -32600, null, 'refused'],
  'upgrade-refused': ['upgrade-refused', 400, -32600, null, 'refused'],
  'header-invalid': ['header-invalid', 400, -32600, null, 'refused'],
  'headers-too-large': ['headers-too-large', 431, -32600, null, 'refused'],
  'content-type-unsupported': ['content-type-unsupported', 415, -32600, null, 'refused'],
  'request-timeout': ['request-timeout', 408, -32600, null, 'kept'],
  'body-too-large': ['body-too-large', 413, -32600, null, 'refused'],
  'body-unparseable': ['body-unparseable', 400, -32700, null, 'refused'],
  'rpc-invalid': ['rpc-invalid', 400, -32600, null, 'refused'],
  'rpc-method-unknown': ['rpc-method-unknown', 200, -32601, null, 'refused'],
  'version-unsupported': ['version-unsupported', 200, -32009, null, 'refused'],
  'operation-unsupported': ['operation-unsupported', 200, -32004, null, 'refused'],
  'push-unsupported': ['push-unsupported', 200, -32003, null, 'refused'],
  'params-invalid': ['params-invalid', 200, -32602, null, 'refused'],
  'tool-unknown': ['tool-unknown', 404, -32600, null, 'refused'],
  'part-not-text': ['part-not-text', 200, -32005, null, 'refused'],
  'text-empty': ['text-empty', 200, -32602, null, 'refused'],
  'text-too-long': ['text-too-long', 200, -32602, null, 'refused'],
  'message-id-reused': ['message-id-reused', 200, -32000, null, 'refused'],
  'task-unknown': ['task-unknown', 200, -32001, null, 'refused'],
  'task-not-cancelable': ['task-not-cancelable', 200, -32002, null, 'refused'],
  'clock-behind': ['stack-not-ready', 503, -32000, 5, 'kept'],
  'policy-unavailable': ['stack-not-ready', 503, -32000, 5, 'kept'],
  'stack-not-ready': ['stack-not-ready', 503, -32000, 5, 'kept'],
  'storage-unavailable': ['storage-unavailable', 503, -32603, 30, 'kept'],
  'internal-error': ['internal-error', 500, -32603, 30, 'kept'],
};

describe('the closed list of refusals', () => {
  it('is this', () => {
    expect([...REFUSAL_REASONS].sort()).toEqual(Object.keys(PINNED).sort());
    const table = REFUSAL_REASONS.map((reason) => {
      const { told, status, code, retryAfterSeconds = null } = REFUSAL_TABLE[reason];
      return [reason, [told, status, code, retryAfterSeconds, isPassing(reason) ? 'kept' : 'refused']];
    });
    expect(Object.fromEntries(table)).toEqual(PINNED);
  });

  it('is what docs/refusals.md says, one line each and no other', () => {
    const page = readFileSync(new URL('../../docs/refusals.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| `/.test(line));
    const documented = rows.map((row) => {
      const [reason, told, status, code, retryAfter, ends] = row
        .split('|')
        .slice(1)
        .map((cell) => cell.trim().replaceAll('`', ''));
      const again = retryAfter === '-' ? null : Number(retryAfter);
      return [reason, [told, Number(status), Number(code), again, ends]];
    });
    expect(Object.fromEntries(documented)).toEqual(PINNED);
    expect(rows).toHaveLength(Object.keys(PINNED).length);
  });
});
