import type { Command } from 'commander';

/** What an owner says of a peer that is to come, the same on both sides. */
export interface OfferOptions {
  /** `name` or `name=session key`; false: nothing is offered. */
  readonly alias?: readonly string[] | false;
  readonly special?: true;
  readonly hold?: string;
  readonly expires?: string;
  readonly yes?: true;
}

export const HOLD_HELP =
  'which messages wait for a person: none, inbound, outbound, both, or secrets (what goes out and looks like one); none without it';

function collect(one: string, before: readonly string[] | false | undefined): readonly string[] {
  return [...(before === undefined || before === false ? [] : before), one];
}

export function withOfferOptions(command: Command): Command {
  return command
    .option(
      '--alias <name[=session-key]>',
      'what to offer, as often as needed; "inbox" without it, with a session of the peer’s own',
      collect,
    )
    .option('--no-alias', 'offer nothing: the peer can be written to, and cannot write here')
    .option('--special', "take sessions that are the gateway's own or have a route to other people")
    .option('--hold <direction>', HOLD_HELP)
    .option('--expires <duration>', 'how long the pairing lasts, for example 30d; for ever without it')
    .option('--yes', 'agree now to whoever it turns out to be, and do not ask');
}

function offerOf(raw: string) {
  const at = raw.indexOf('=');
  return at === -1 ? { alias: raw } : { alias: raw.slice(0, at), sessionKey: raw.slice(at + 1) };
}

/** As the loopback API has it. */
export function offerBody({ alias, special, hold, expires }: OfferOptions): object {
  const offers = alias === undefined ? undefined : alias === false ? [] : alias.map(offerOf);
  return { offers, special, hold, expiresIn: expires };
}

export const warningLines = (warnings: readonly string[]): readonly string[] =>
  warnings.map((warning) => `warning: ${warning}`);

/** What waits must be looked at by somebody, or it waits until it is over. */
export function holdLines(hold: string | undefined): readonly string[] {
  if (hold === undefined || hold === 'none') return [];
  return [
    `note: hold ${hold}: what is held waits for you, and ends unseen if you never look: agent-peer held list`,
  ];
}
