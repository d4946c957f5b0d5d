import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parsePeerName } from '../../core/peer.ts';
import { AgentPeerError, fromProblem } from '../../errors.ts';
import type { PeerView } from '../../local-server/peer-views.ts';
import { parsePeerConfig } from '../../pairing/peer-config.ts';
import type { PeerConfig } from '../../ports/peer-config.ts';
import type { Api } from '../api.ts';
import { part, verb, type Cli } from '../command.ts';
import type { Io } from '../io.ts';
import { asAgentPeerError, type Outcome, type PrintOptions } from '../outcome.ts';
import { endOf } from '../peer-words.ts';
import { repliesWish } from '../replies-wish.ts';
import { promptHidden } from '../prompt.ts';
import { readAll } from '../read-all.ts';
import { readSecret } from '../secret-input.ts';

interface Options extends PrintOptions {
  readonly node?: string;
  readonly name?: string;
  readonly tokenFile?: string;
  readonly expires?: string;
  readonly replyMode?: string;
  readonly port?: string;
}

interface Added {
  readonly peer: PeerView;
  readonly token: string;
}

const FILE_BYTES = 64 * 1024;

function invalid(what: string, fix: string): AgentPeerError {
  return new AgentPeerError('input-invalid', what, fix);
}

async function textOf(io: Io, file: string): Promise<string> {
  if (file === '-') return (await readAll(io.stdin, FILE_BYTES, 'stdin')).toString('utf8');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const fix = 'Name a file inside the container, or pipe it in and name -; or give a name, and its --node';
    throw invalid(`${file}: cannot be read (${code})`, fix);
  }
}

async function readConfig(io: Io, file: string): Promise<PeerConfig> {
  const text = await textOf(io, file);
  const config = parsePeerConfig(text, file === '-' ? 'stdin' : file);
  if (config.ok) return config.value;
  throw fromProblem('input-invalid', config.problem);
}

/** What the tailnet calls its node, as with an invite; its own word for itself decides nothing. */
function nameFor({ node }: PeerConfig, wished: string | undefined): string {
  const name = wished ?? node.dnsName.toLowerCase().split('.')[0] ?? '';
  if (wished !== undefined || parsePeerName(name).ok) return name;
  throw invalid(`its node is called "${node.dnsName}", which is no name for a peer`, 'Choose one: --name');
}

/** As the loopback API has it. */
async function wishOf(io: Io, nameOrFile: string, options: Options): Promise<object> {
  const { node, name, expires, replyMode, port } = options;
  const replies = repliesWish(replyMode, port);
  if (node !== undefined) {
    if (name !== undefined) throw invalid('there is a --node and a --name', 'Its name stands before --node');
    return { name: nameOrFile, node, expiresIn: expires, replies };
  }
  if (replies !== undefined)
    throw invalid('a file is of a stack, and its reply mode is task', 'For an OpenClaw without one: --node');
  const config = await readConfig(io, nameOrFile);
  const { nodeId, ...names } = config.node;
  const said = { ...names, port: config.port };
  return { name: nameFor(config, name), node: nodeId, said, expiresIn: expires };
}

/** The other direction's token; null when it is not here yet. Read before anything is made that is shown only once. */
async function tokenOfTheirs(io: Io, nameOrFile: string, options: Options): Promise<string | null> {
  const { node, tokenFile } = options;
  if (tokenFile !== undefined) return readSecret(io, tokenFile, '--token-file', '');
  if (node !== undefined || nameOrFile === '-' || !io.stdin.isTTY) return null;
  const question = 'Token that its owner made for this stack (Enter if you have none yet)';
  const typed = (await promptHidden(io, question)).trim();
  return typed === '' ? null : typed;
}

function addedNote({ peer }: Added, isStored: boolean): string {
  const end = endOf(peer);
  const lines = [
    `${peer.name} is now a peer${end === '' ? '' : `, ${end}`}: node ${peer.nodeId} of ${peer.login}. It may write to nothing yet; see agent-peer aliases add.`,
    'Below is the token that it presents to this stack. It is shown this once. Give it to its owner by a safe way;',
    'there it is stored with: agent-peer peers token <your name there>',
  ];
  const next = isStored
    ? `Its own token is stored: messages to ${peer.name} can be sent.`
    : `When you have its own: agent-peer peers token ${peer.name}`;
  return [...lines, next].join('\n');
}

/** A token that is not taken must not cost the one that was just made. */
async function store(api: Api, name: string, token: string): Promise<AgentPeerError | null> {
  try {
    await api.put<object>(`/peers/${part(name)}/token`, { token });
    return null;
  } catch (error) {
    return asAgentPeerError(error);
  }
}

async function add(cli: Cli, nameOrFile: string, options: Options): Promise<Outcome> {
  const wish = await wishOf(cli.io, nameOrFile, options);
  const token = await tokenOfTheirs(cli.io, nameOrFile, options);
  const api = cli.connect();
  const added = await api.post<Added>('/peers', wish);
  const error = token === null ? null : await store(api, added.peer.name, token);
  const isStored = token !== null && error === null;
  const told = {
    json: { ...added, hasOutboundToken: isStored },
    text: added.token,
    note: addedNote(added, isStored),
  };
  return error === null ? told : { ...told, error };
}

export function addPeersAdd(peers: Command, cli: Cli): void {
  verb(peers, 'add', 'make a stack a peer by hand, and print the token that it presents')
    .argument(
      '<name-or-file>',
      'with --node what to call it here, else what its peers export wrote; - for stdin',
    )
    .option('--node <node>', 'its tailnet node: node id, host name, MagicDNS name or 100.x address')
    .option('--name <name>', "with a file: what to call it here; its node's name without it")
    .option('--token-file <path>', 'file with the token that its owner made for this stack')
    .option('--expires <duration>', 'how long it is a peer, for example 30d; for ever without it')
    .option('--reply-mode <mode>', 'send-back for an OpenClaw without agent-peer; task is meant without it')
    .option('--port <n>', 'with send-back: where its gateway listens; 18789 is meant without it')
    .action((nameOrFile: string, options: Options) =>
      cli.perform(options, () => add(cli, nameOrFile, options)),
    );
}
