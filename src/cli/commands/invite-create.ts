import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { InviteView, PeerDetailView } from '../../local-server/peer-views.ts';
import type { Api } from '../api.ts';
import { askYes, mustBeAskable, unheard } from '../ask-yes.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import type { Io } from '../io.ts';
import { holdLines, offerBody, warningLines, withOfferOptions, type OfferOptions } from '../offer-options.ts';
import { printLines, speaker, type Outcome } from '../outcome.ts';
import {
  agree,
  completeNote,
  isComplete,
  lookAt,
  needsAgreement,
  untilComplete,
  waitingError,
  type Pairing,
} from '../pairing-steps.ts';
import { pairingLines } from '../peer-words.ts';
import { poll, waitUntil, type WaitOptions } from '../polling.ts';

interface Options extends OfferOptions, WaitOptions {
  readonly valid?: string;
  readonly node?: string;
}

/** The gateway is asked what tools its agents have. */
const CREATE_MS = 30_000;

interface Made {
  readonly invite: InviteView;
  readonly code: string;
  readonly warnings: readonly string[];
}

/** What a wait came to. */
interface Waited {
  readonly peer: PeerDetailView | null;
  readonly note?: string;
  readonly error?: AgentPeerError;
}

function madeLines({ invite, warnings }: Made, { hold }: Options): readonly string[] {
  return [
    ...warningLines(warnings),
    ...holdLines(hold),
    'On the other machine: agent-peer invite accept, and paste this line. It is good once, until',
    `${invite.expiresAt}, and a secret until then:`,
  ];
}

function laterLine({ confirmed, peer }: InviteView): string {
  return confirmed
    ? `See what became of it: agent-peer peers show ${peer}`
    : `When it was used, look who it is and agree: agent-peer peers confirm ${peer}`;
}

/** One run of the command that waits. */
interface Waiting {
  readonly io: Io;
  readonly api: Api;
  readonly say: (text: string) => void;
  readonly made: Made;
  readonly deadline: number;
}

/** Throws AgentPeerError `pairing-ended`. */
async function untilUsed({ io, api, made, deadline }: Waiting): Promise<boolean> {
  const { id, peer } = made.invite;
  const look = async () => {
    const { invite } = await api.get<{ invite: InviteView }>(`/invites/${part(id)}`);
    if (invite.state === 'open') return null;
    if (invite.state === 'used') return invite;
    const what = invite.state === 'expired' ? 'was not used in time' : 'was cancelled';
    throw new AgentPeerError('pairing-ended', `the invite for "${peer}" ${what}`, 'Make a new one');
  };
  const used = api.progress.during('waiting until it is used', () => poll(look, deadline));
  return (await unheard(io, used)) !== null;
}

function unusedError({ invite }: Made): AgentPeerError {
  const fix = `The code is good until ${invite.expiresAt}. ${laterLine(invite)}`;
  return new AgentPeerError('pairing-waiting', `nobody has used the invite for "${invite.peer}" yet`, fix);
}

/** Null when the owner does not agree; then the invite is cancelled, and nobody else can use it either. */
async function agreed({ io, api, made }: Waiting, pairing: Pairing): Promise<Pairing | null> {
  if (!needsAgreement(pairing)) return pairing;
  if (await askYes(io, `Let ${made.invite.peer} in?`)) return agree(api, pairing);
  await api.post(`/invites/${part(made.invite.id)}/cancel`, {});
  return null;
}

async function letIn(waiting: Waiting): Promise<Waited> {
  const { api, say, made, deadline } = waiting;
  const name = made.invite.peer;
  const found = await lookAt(api, name);
  say(['It was used by:', ...pairingLines(found.detail, found.offered)].join('\n'));
  const pairing = await agreed(waiting, found);
  if (pairing === null) {
    const what = `you did not let "${name}" in`;
    return { peer: null, error: new AgentPeerError('pairing-ended', what, 'Nothing is granted') };
  }
  if (!isComplete(pairing)) say(`Waiting for ${name}'s owner.`);
  const last = await untilComplete(api, pairing, deadline);
  const came = isComplete(last) ? { note: completeNote(last) } : { error: waitingError(last) };
  return { peer: last.detail, ...came };
}

async function wait(waiting: Waiting): Promise<Waited> {
  try {
    if (await untilUsed(waiting)) return await letIn(waiting);
    return { peer: null, error: unusedError(waiting.made) };
  } catch (error) {
    if (error instanceof AgentPeerError) return { peer: null, error };
    throw error;
  }
}

/** Who waits needs the code before the end of it, so it cannot come with what is printed then. */
function announce({ io, say, made }: Waiting, options: Options): void {
  say(madeLines(made, options).join('\n'));
  printLines(options.json === true ? io.stderr : io.stdout, made.code);
  say('Waiting until it is used. Ctrl-C ends the waiting and not the invite.');
}

async function create({ io, connect }: Cli, peer: string, options: Options): Promise<Outcome> {
  const deadline = waitUntil(io, options);
  if (deadline !== null && options.yes !== true) mustBeAskable(io);
  const api = connect();
  const { valid, node, yes } = options;
  const wish = { peer, ...offerBody(options), validFor: valid, node, confirmed: yes };
  const made = await api.post<Made>('/invites', wish, CREATE_MS);
  if (deadline === null) {
    const lines = [laterLine(made.invite), ...madeLines(made, options)];
    return { json: made, text: made.code, note: lines.join('\n') };
  }
  const waiting = { io, api, say: speaker(io, options), made, deadline };
  announce(waiting, options);
  const { peer: found, ...rest } = await wait(waiting);
  return { json: { ...made, peer: found }, text: '', ...rest };
}

export function addInviteCreate(invite: Command, cli: Cli): void {
  withOfferOptions(verb(invite, 'create', 'make a code with which another stack becomes a peer'))
    .argument('<peer>', 'what to call it here')
    .option('--valid <duration>', 'how long the code is good, 30s to 7d; 15m without it')
    .option(
      '--node <node>',
      'the only node that may use it: node id, host name, MagicDNS name or 100.x address',
    )
    .option(
      '--wait [seconds]',
      'wait until both owners have agreed; on a terminal also without it',
      wholeNumber(1, 604_800),
    )
    .action((peer: string, options: Options) => cli.perform(options, () => create(cli, peer, options)));
}
