import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { EitherGrantView } from '../../local-server/peer-views.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import { HOLD_HELP, holdLines, warningLines } from '../offer-options.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { grantWords } from '../peer-words.ts';
import { table } from '../table.ts';

export interface TermOptions extends PrintOptions {
  readonly expires?: string;
  readonly operations?: string;
  readonly sendsPerMinute?: number;
  readonly special?: true;
  readonly hold?: string;
}

interface AddOptions extends TermOptions {
  readonly session?: string;
  readonly outbound?: true;
  readonly replySession?: string;
}

interface Added {
  readonly grant: EitherGrantView;
  readonly warnings: readonly string[];
}

/** Of a session that is offered. `--operations a,b` and `--operations "a b"` are the same. */
export function withTerms(command: Command): Command {
  return command
    .option('--expires <duration>', 'how long it is open, for example 7d, 12h or 30m; for ever without it')
    .option('--operations <list>', 'what it allows, of message-send, task-read, task-cancel; all without it')
    .option('--sends-per-minute <n>', 'messages that are taken in any minute', wholeNumber(1, 1000))
    .option('--special', "take a session that is the gateway's own or has a route to other people")
    .option('--hold <direction>', HOLD_HELP);
}

/** As the loopback API has them. */
export function termsBody({ expires, operations, sendsPerMinute, special, hold }: TermOptions): object {
  const listed = operations?.split(/[\s,]+/).filter((word) => word !== '');
  return { expiresIn: expires, operations: listed, sendsPerMinute, special, hold };
}

/** A grant without `message-send` lets its peer write nothing, so the sentence must not say that. */
export function grantSentence(grant: EitherGrantView): string {
  const { peer, alias, expiresAt } = grant;
  const until = expiresAt === null ? '' : `, until ${expiresAt}`;
  if (grant.direction === 'outbound') {
    const which = alias === 'any' ? 'every alias that it offers' : `"${alias}"`;
    return `Agents of this machine may now write to ${peer}, ${which}${until}.`;
  }
  if (grant.operations.includes('message-send'))
    return `${peer} may now write to ${grant.sessionKey} as "${alias}"${until}.`;
  return `${peer} may now do this with "${alias}", and not write to it: ${grant.operations.join(', ')}.`;
}

function misplaced(replySession: string | undefined): string {
  return replySession === undefined
    ? 'neither --session nor --outbound is there'
    : '--reply-session is there without --outbound';
}

/** As it was asked for, in one direction and with what belongs to it. */
function directionBody({ outbound, session, replySession, ...terms }: AddOptions): object {
  if (outbound === undefined && session !== undefined && replySession === undefined)
    return { direction: 'inbound', sessionKey: session, ...termsBody(terms) };
  if (outbound === true && session === undefined)
    return { direction: 'outbound', replySession, ...termsBody(terms) };
  throw new AgentPeerError(
    'input-invalid',
    outbound === true ? 'there is a --session and --outbound' : misplaced(replySession),
    '--session is for what the peer may do here, --outbound for what agents here may do there',
  );
}

async function add(cli: Cli, peer: string, alias: string, options: AddOptions): Promise<Outcome> {
  const body = { peer, alias, ...directionBody(options) };
  const answer = await cli.connect().post<Added>('/grants', body, 30_000);
  const lines = [grantSentence(answer.grant), ...warningLines(answer.warnings), ...holdLines(options.hold)];
  return { json: answer, text: '', note: lines.join('\n') };
}

export async function removeGrant(
  cli: Cli,
  direction: EitherGrantView['direction'],
  peer: string,
  alias: string,
): Promise<Outcome> {
  const answer = await cli.connect().post<object>('/grants/remove', { peer, direction, alias });
  const note =
    direction === 'inbound'
      ? `${peer} may not use "${alias}" any more.`
      : `The grant to write to ${peer}, "${alias}", is gone.`;
  return { json: answer, text: '', note };
}

function rowOf(grant: EitherGrantView): readonly string[] {
  return [grant.direction === 'inbound' ? 'from' : 'to', grant.peer, grantWords(grant)];
}

async function list(cli: Cli, peer: string | undefined): Promise<Outcome> {
  const path = peer === undefined ? '/grants' : `/grants?peer=${part(peer)}`;
  const answer = await cli.connect().get<{ grants: readonly EitherGrantView[] }>(path);
  if (answer.grants.length === 0) return { json: answer, text: '', note: 'No grants yet.' };
  return { json: answer, text: table(['', 'PEER', 'GRANT'], answer.grants.map(rowOf)) };
}

export function addGrants(program: Command, cli: Cli): void {
  const grants = program.command('grants').description('what peers may do here, and agents here at peers');
  withTerms(verb(grants, 'add', 'let a peer write to a local session, or agents of this machine write to it'))
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'its name for the session; with --outbound one of its aliases, or any')
    .option('--session <session-key>', 'the local session, for example agent:main:peer-bob')
    .option('--outbound', 'the other direction: from this machine to the peer')
    .option(
      '--reply-session <session-key>',
      'with --outbound: the local session that replies may be put into',
    )
    .action((peer: string, alias: string, options: AddOptions) =>
      cli.perform(options, () => add(cli, peer, alias, options)),
    );
  verb(grants, 'remove', 'take a grant back, at once')
    .argument('<peer>', 'name of the peer')
    .argument('<alias>', 'as it was given')
    .option('--outbound', 'the other direction: from this machine to the peer')
    .action((peer: string, alias: string, options: PrintOptions & { readonly outbound?: true }) =>
      cli.perform(options, () => removeGrant(cli, options.outbound ? 'outbound' : 'inbound', peer, alias)),
    );
  verb(grants, 'list', 'list the grants in both directions, of all peers or of one')
    .argument('[peer]', 'name of the peer')
    .action((peer: string | undefined, options: PrintOptions) => cli.perform(options, () => list(cli, peer)));
}
