import type { Command } from 'commander';
import { AgentPeerError } from '../../errors.ts';
import type { ListedPeerView, PeerDetailView } from '../../local-server/peer-views.ts';
import { parseInviteCode } from '../../pairing/invite-code.ts';
import type { Api } from '../api.ts';
import { askLine, askYes, mustBeAskable } from '../ask-yes.ts';
import { part, verb, wholeNumber, type Cli } from '../command.ts';
import type { Io } from '../io.ts';
import { holdLines, offerBody, warningLines, withOfferOptions, type OfferOptions } from '../offer-options.ts';
import { speaker, type Outcome } from '../outcome.ts';
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
import { readAll } from '../read-all.ts';

interface Options extends OfferOptions, WaitOptions {
  readonly name?: string;
}

interface Accepted extends PeerDetailView {
  readonly offered: readonly string[] | null;
  readonly warnings: readonly string[];
}

/** What has become of it, with what is to be said to the owner before a question. */
interface Begun {
  readonly pairing: Pairing;
  readonly warnings: readonly string[];
}

const CODE_BYTES = 4096;
const CLAIM_MS = 60_000;

/** Seen when it is typed: it is good once, for a few minutes, and a person has to be able to check it. */
async function readCode(io: Io, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  if (io.stdin.isTTY) return askLine(io, 'Invite code:');
  return (await readAll(io.stdin, CODE_BYTES, 'stdin')).toString('utf8').trim();
}

/** The pairing that a code has begun: its maker is known by the node in it. */
async function begunBy(api: Api, code: string): Promise<string | null> {
  const read = parseInviteCode(code);
  if (!read.ok) return null;
  const { peers } = await api.get<{ peers: readonly ListedPeerView[] }>('/peers');
  const found = peers.find(({ nodeId, state }) => nodeId === read.value.nodeId && state === 'provisional');
  return found?.name ?? null;
}

function unreached(error: AgentPeerError, name: string): AgentPeerError {
  const fix = `It is tried again by itself. When it was reached, look who it is and agree: agent-peer peers confirm ${name}`;
  return new AgentPeerError('peer-unreachable', error.message, fix, { cause: error });
}

/** The claim goes on by itself; here it is only waited for. Null when the time is up before it was answered. */
async function untilAnswered(api: Api, name: string, deadline: number): Promise<Pairing | null> {
  const look = async () => {
    const pairing = await lookAt(api, name);
    return isComplete(pairing) || pairing.offered !== null ? pairing : null;
  };
  return api.progress.during(`waiting for ${name}`, () => poll(look, deadline));
}

/** One run of the command. */
interface Accepting {
  readonly io: Io;
  readonly api: Api;
  readonly say: (text: string) => void;
  readonly code: string;
  readonly options: Options;
  readonly deadline: number | null;
}

async function waitForAnswer({ api, say, code, deadline }: Accepting, error: AgentPeerError): Promise<Begun> {
  const name = await begunBy(api, code);
  if (name === null) throw error;
  if (deadline === null) throw unreached(error, name);
  say(`${error.message}. It is tried again until it can be, or the invite is over.`);
  const pairing = await untilAnswered(api, name, deadline);
  if (pairing === null) throw unreached(error, name);
  return { pairing, warnings: [] };
}

async function begin(accepting: Accepting): Promise<Begun> {
  const { api, code, options } = accepting;
  const wish = { code, name: options.name, ...offerBody(options), confirmed: options.yes };
  try {
    const { offered, warnings, ...detail } = await api.post<Accepted>('/invites/accept', wish, CLAIM_MS);
    return { pairing: { detail, offered }, warnings };
  } catch (error) {
    if (!(error instanceof AgentPeerError) || error.code !== 'peer-unreachable') throw error;
    return waitForAnswer(accepting, error);
  }
}

function shown({ pairing, warnings }: Begun, { hold }: Options): string {
  const lines = pairingLines(pairing.detail, pairing.offered);
  const head = `The invite is from ${pairing.detail.peer.name}:`;
  return [head, ...lines, ...warningLines(warnings), ...holdLines(hold)].join('\n');
}

/** Null when the owner does not agree. */
async function agreed({ io, api }: Accepting, pairing: Pairing): Promise<Pairing | null> {
  const { name } = pairing.detail.peer;
  if (!needsAgreement(pairing)) return pairing;
  if (await askYes(io, `Become peers with ${name}?`)) return agree(api, pairing);
  await api.post(`/peers/${part(name)}/revoke`, {});
  return null;
}

/** How it ends after this owner's yes: complete, or waiting for the other's. */
async function finish({ api, say, deadline }: Accepting, pairing: Pairing): Promise<Pairing> {
  if (isComplete(pairing) || deadline === null) return pairing;
  say(`Waiting for ${pairing.detail.peer.name}'s owner. Ctrl-C ends the waiting and not the pairing.`);
  return untilComplete(api, pairing, deadline);
}

function outcomeOf(
  { detail, offered }: Pairing,
  warnings: readonly string[],
  rest: Pick<Outcome, 'note' | 'error'>,
): Outcome {
  return { json: { ...detail, offered, warnings }, text: '', ...rest };
}

async function accept({ io, connect }: Cli, given: string | undefined, options: Options): Promise<Outcome> {
  if (options.yes !== true) mustBeAskable(io);
  const code = await readCode(io, given);
  const deadline = waitUntil(io, options);
  const accepting = { io, api: connect(), say: speaker(io, options), code, options, deadline };
  const begun = await begin(accepting);
  accepting.say(shown(begun, options));
  const pairing = await agreed(accepting, begun.pairing);
  if (pairing === null) {
    const what = `you did not agree to "${begun.pairing.detail.peer.name}"`;
    const error = new AgentPeerError('pairing-ended', what, 'Nothing is granted');
    return outcomeOf(begun.pairing, begun.warnings, { error });
  }
  const last = await finish(accepting, pairing);
  const came = isComplete(last) ? { note: completeNote(last) } : { error: waitingError(last) };
  return outcomeOf(last, begun.warnings, came);
}

export function addInviteAccept(invite: Command, cli: Cli): void {
  withOfferOptions(verb(invite, 'accept', 'become a peer of the stack that made a code'))
    .argument('[code]', 'the code; without it, it is asked for, or read from stdin')
    .option('--name <name>', "what to call the other stack here; its node's name without it")
    .option(
      '--wait [seconds]',
      'wait until both owners have agreed; on a terminal also without it',
      wholeNumber(1, 604_800, 'A code must stand before --wait.'),
    )
    .action((code: string | undefined, options: Options) =>
      cli.perform(options, () => accept(cli, code, options)),
    );
}
