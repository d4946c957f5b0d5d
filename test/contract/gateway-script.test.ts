/**
 * The script that the parity test also runs against a real OpenClaw. What stands here is what a person was shown by
 * OpenClaw 2026.9.6; the fake, on which all other tests stand, has to show the same.
 */
import { expect, it } from 'vitest';
import { startFakeTarget } from '../harness/fake-gateway-target.ts';
import { runGatewayScript } from '../harness/gateway-script.ts';

/** Nobody has to wait for a fake. */
const PACE = 0.1;

const SCOPES = ['operator.read', 'operator.write'];
const PAIRED = { kind: 'paired', scopes: SCOPES, excess: [], approvedSilently: false };
const asking = (again: boolean) => ({ kind: 'approval-needed', again, isSame: true, deviceId: 64 });
const REMOVED = {
  kind: 'refused',
  detail:
    'the gateway refused the token (AUTH_DEVICE_TOKEN_MISMATCH): the device was revoked or removed; run `agent-peer gateway pair` again',
};
/** What an agent has from which OpenClaw 2026.9.6 was told to take nothing. */
const WARNING =
  'agent "main" has strong tools, which a peer’s words can make its model use: commands (exec, process, terminal, …); ' +
  'files (read, write, edit, …); memory (memory_search, memory_get); the browser (browser); ' +
  'other sessions (sessions_history, sessions_send, sessions_list, …); ' +
  'other people (message, conversations_send, conversations_turn, …); ' +
  'the gateway itself (gateway, automations, plugins, …); devices (nodes, node_inference, mobile_ui, …). ' +
  'See "A narrow agent" in docs/threat-model.md';
const NO_SESSION =
  'it has no session yet that could be asked about. Unless you gave it fewer, it has all of them';
const PLAN = {
  kind: 'replied',
  text: 'a read 17 characters (sha256 16fa22d1b21e), reversed: ?nalp eht si tahw',
};
const FAILED = { kind: 'failed', detail: 'the turn failed in the gateway' };
const stopped = (seconds: number) => ({
  kind: 'failed',
  detail: `deadline: no answer within ${seconds} seconds`,
});

const CUT_OFF = { kind: 'lost', detail: 'the connection to the gateway was lost' };
const NOT_BEGUN = { kind: 'replied', text: 'a read 9 characters (sha256 c0c0b7be5b76), reversed: nugeb ton' };
const CUT = {
  kind: 'undecidable',
  detail: 'the session was reset or shortened since the message came',
};
const said = (words: string, digest: string) => ({
  kind: 'replied',
  text: `a read ${words.length} characters (sha256 ${digest}), reversed: ${Array.from(words).reverse().join('')}`,
});
const UNKNOWN = { kind: 'undecidable', detail: 'the session shows the message but no end of its turn' };

it('goes as it went with OpenClaw 2026.9.6', async () => {
  const fake = await startFakeTarget(PACE);
  const transcript = await runGatewayScript(fake, { limits: { lookAgainMs: 20 }, pace: PACE });
  await fake.end();
  expect(transcript.map(({ step, result }) => [step, result])).toEqual([
    ['before pairing', { kind: 'unpaired' }],
    ['pair with a wrong shared token', { error: 'gateway-token-refused' }],
    ['pair', asking(false)],
    ['pair while nobody approved', asking(true)],
    ['pair after the approval', PAIRED],
    ['pair once more', PAIRED],
    ['ready with the device token', { kind: 'ready' }],
    ['after the device was removed', REMOVED],
    ['pair after the removal', asking(false)],
    ['pair after it was approved anew', PAIRED],
    ['ready with another device token', { kind: 'ready' }],
    ['the default agent', 'main'],
    ['sessions before there are any', { sessions: [], total: 0 }],
    ['tools of an agent without a session', { kind: 'unknown', detail: NO_SESSION }],
    ['tools of an agent that is not there', { kind: 'unknown', detail: 'there is no such agent' }],
    ['look for a turn that never was', { kind: 'absent' }],
    ['a turn', PLAN],
    ['look for it', PLAN],
    ['look again', PLAN],
    ['the same key again', PLAN],
    ['a silent turn', { kind: 'silent' }],
    ['look for the silent turn', { kind: 'silent' }],
    ['a long reply', { kind: 'replied', characters: 100_000 }],
    ['look for the long reply', { kind: 'replied', characters: 100_000 }],
    ['look for the silent turn behind it', { kind: 'silent' }],
    ['a turn whose model call fails', FAILED],
    ['look for the failed turn', FAILED],
    ['a turn that runs out of time', stopped(0.5)],
    ['look for the turn out of time', { kind: 'failed', detail: 'the turn was aborted in the gateway' }],
    [
      'a turn for an agent that is not there',
      { kind: 'failed', detail: 'the gateway refused the turn (INVALID_REQUEST)' },
    ],
    ['sessions', { total: 2, rows: ['agent:main:peer-bob main true', 'agent:main:peer-dave main true'] }],
    ['tools, as the owner is warned of them', WARNING],
    ['tools of a session that is not there, from another one', WARNING],
    ['a turn that is stopped while it waits', stopped(0.2)],
    ['look for the stopped turn', { kind: 'failed', detail: 'the turn was aborted before it began' }],
    ['look for the turn that waits', { kind: 'running' }],
    ['a turn that is let go', { kind: 'lost', detail: 'the turn was left to the gateway' }],
    ['look for it while it runs', { kind: 'running' }],
    [
      'look for it until it ends',
      { kind: 'replied', text: 'a read 14 characters (sha256 e8ded8980755), reversed: sdnoces 8 tiaw' },
    ],
    [
      'the turn that waited',
      { kind: 'replied', text: 'a read 15 characters (sha256 b34315847358), reversed: tsrif eht retfa' },
    ],
    ['look for a turn before a compaction', said('one', '7692c3ad3540')],
    ['look for a turn that is not there, after a compaction', CUT],
    ['a turn after a compaction', said('two', '3fc4ccfe7458')],
    ['look for it after the compaction', said('two', '3fc4ccfe7458')],
    ['look for a turn whose question was cut off', CUT],
    ['look for a turn that is not there, after a cut', CUT],
    ['look for a turn of which nothing was kept', CUT],
    ['look for a turn that is not there, after a cut to nothing', CUT],
    ['look for a turn before a reset', CUT],
    ['a turn after a reset', said('three', '8b5b9db0c13d')],
    ['look for it after the reset', said('three', '8b5b9db0c13d')],
    [
      'a turn whose session is reset while it runs',
      { kind: 'lost', detail: 'the gateway stopped during the turn' },
    ],
    ['look for it after that reset', CUT],
    ['look for a turn whose session was deleted', { kind: 'absent' }],
    ['a silent turn before the end', { kind: 'silent' }],
    ['a turn whose gateway is killed', CUT_OFF],
    ['a turn that was not begun by then', CUT_OFF],
    ['look for the killed turn until it ends', 'replied'],
    ['look for the turn that was not begun', { kind: 'absent' }],
    ['run it', NOT_BEGUN],
    ['look for it where it ran', NOT_BEGUN],
    ['look for the silent turn of before', UNKNOWN],
    ['unpair', { deviceId: 64, kind: 'unpaired' }],
    ['unpair once more', { deviceId: null, kind: 'unpaired' }],
    ['sessions without a pairing', { error: 'gateway-not-approved' }],
  ]);
});
