import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { AgentPeerError, messageOf } from '../../errors.ts';
import type { ListedPeerView } from '../../local-server/peer-views.ts';
import type { NewsView } from '../../local-server/routes/changes.ts';
import type { ListedMessageView } from '../../local-server/views.ts';
import type { Api } from '../api.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Io } from '../io.ts';
import { SLICE_SECONDS } from '../message.ts';
import { printLines, type Outcome, type PrintOptions } from '../outcome.ts';
import { plain } from '../plain.ts';
import { oneLine, stateOnScreen } from '../table.ts';
import { painter } from '../terminal.ts';

interface Options extends PrintOptions {
  readonly peer?: string;
}

const AGAIN_MS = 1_000;

/** What there is to say of it in this state. */
function wordsOf({ state, text, reply, reason, detail }: ListedMessageView): string {
  if (state === 'answered' || state === 'replied') return reply ?? '(no reply)';
  const why = [reason, detail].filter((one) => one !== null).join(', ');
  return why === '' ? text : why;
}

function lineOf(io: Io, message: ListedMessageView): string {
  const paint = painter(io, io.stdout);
  const { updatedAt, direction, peer, alias, state, id } = message;
  const shown = io.stdout.isTTY ? plain : (text: string) => text;
  const cells = [
    updatedAt,
    direction === 'outbound' ? 'to  ' : 'from',
    shown(peer),
    shown(alias),
    stateOnScreen(state.padEnd(10), paint),
    id,
    shown(oneLine(wordsOf(message))),
  ];
  return cells.join('  ');
}

interface Following {
  readonly io: Io;
  readonly api: Api;
  /** Aborts when nobody watches any more. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const isUnreachable = (error: unknown) =>
  error instanceof AgentPeerError && error.code === 'local-api-unreachable';

/** A proxy that is restarted, or not there for a while, is waited for; null when nobody watches any more. */
async function nextNews({ api, signal, say }: Following, cursor: string): Promise<NewsView | null> {
  for (let isAway = false; ; isAway = true) {
    try {
      const path = `/changes?since=${part(cursor)}&waitSeconds=${isAway ? 0 : SLICE_SECONDS}`;
      const news = await api.get<NewsView>(path, SLICE_SECONDS * 1000, signal);
      if (isAway) say('The proxy answers again; this goes on where it was.');
      return news;
    } catch (error) {
      if (signal.aborted) return null;
      if (!isUnreachable(error)) throw error;
      if (!isAway) say(`The proxy does not answer; it is waited for: ${messageOf(error)}`);
      await sleep(AGAIN_MS, null, { signal }).catch(() => null);
    }
  }
}

/** An input that ends before was never held by anybody, as that of a timer. */
const HELD_MS = 3_000;

/**
 * Aborts at Ctrl-C, and when whoever reads the output is gone. Without a terminal nothing tells a command in a container that
 * its caller was ended, but that its input is: it would follow for ever, and with each call there would be one more.
 */
function whileWatched({ stdin, stdout, interrupted }: Io): AbortSignal {
  const gone = new AbortController();
  stdout.once('error', () => gone.abort());
  if (!stdin.isTTY) {
    const begun = performance.now();
    const onEnd = () => {
      if (performance.now() - begun >= HELD_MS) gone.abort();
    };
    stdin.once('end', onEnd).resume();
  }
  return AbortSignal.any([interrupted(), gone.signal]);
}

/** Of a name that is mistyped nothing would ever come. */
async function mustBePeer(api: Api, name: string): Promise<void> {
  const { peers } = await api.get<{ peers: readonly ListedPeerView[] }>('/peers');
  if (peers.some((peer) => peer.name === name)) return;
  const fix = '`agent-peer peers list` shows them all';
  throw new AgentPeerError('peer-not-found', `no peer is called "${name}"`, fix);
}

async function follow(following: Following, { peer, json }: Options): Promise<void> {
  const { io, api, say } = following;
  if (peer !== undefined) await mustBePeer(api, peer);
  let { cursor } = await api.get<NewsView>('/changes');
  say('Following messages in both directions; Ctrl-C ends it.');
  for (;;) {
    const news = await nextNews(following, cursor);
    if (news === null) return;
    const wanted = news.changes.filter((message) => peer === undefined || message.peer === peer);
    for (const message of wanted)
      io.stdout.write(`${json === true ? JSON.stringify(message) : lineOf(io, message)}\n`);
    cursor = news.cursor;
  }
}

async function tail({ io, connect }: Cli, options: Options): Promise<Outcome> {
  const say = (text: string) => (options.quiet === true ? undefined : printLines(io.stderr, text));
  try {
    await follow({ io, api: connect(), signal: whileWatched(io), say }, options);
    return { json: undefined, text: '' };
  } finally {
    // What is read keeps the process.
    io.stdin.pause();
  }
}

export function addTail(program: Command, cli: Cli): void {
  verb(program, 'tail', 'follow messages in both directions as they come and go, until Ctrl-C')
    .option('--peer <peer>', 'of one peer')
    .action((options: Options) => cli.perform(options, () => tail(cli, options)));
}
