import { z } from 'zod';
import type { OutboundObstacle } from '../core/open-outbound.ts';
import type { AgentPeer, OpenAlias } from '../ports/agent-api.ts';
import { tool } from './tool.ts';

const output = z.strictObject({
  peers: z.array(
    z.strictObject({
      peer: z.string().meta({ description: 'The name to use in peer_send' }),
      canWrite: z.boolean(),
      aliases: z.array(
        z.strictObject({
          alias: z
            .string()
            .meta({ description: 'The name to use in peer_send; "any": whatever the peer offers' }),
          repliesToSession: z.boolean().meta({ description: 'Whether replyToSession works' }),
        }),
      ),
      why: z.string().nullable().meta({ description: 'Why it cannot be written to now' }),
    }),
  ),
});

const OBSTACLES: Readonly<Partial<Record<OutboundObstacle, string>>> = {
  'clock-behind': "the clock of your human's machine is wrong",
  'peer-expired': 'its pairing has expired',
  'peer-paused': 'your human has paused it',
  'peer-provisional': 'its pairing is not complete',
  'peer-token-missing': 'your human has no token for it',
  'stack-paused': 'your human has paused everything',
};

/** Null for one that can be written to. */
function whyNot({ obstacle }: AgentPeer): string | null {
  return obstacle === null ? null : (OBSTACLES[obstacle] ?? 'your human has not allowed it');
}

const aliasWords = ({ alias, repliesToSession }: OpenAlias): string =>
  `${alias === 'any' ? 'any alias that it offers, "inbox" if you name none' : alias}${repliesToSession ? ' (replyToSession works)' : ''}`;

function line(peer: AgentPeer): string {
  const why = whyNot(peer);
  if (why !== null) return `${peer.name}: cannot be written to, ${why}`;
  return `${peer.name}: ${peer.aliases.map(aliasWords).join(', ')}`;
}

/** A peer that was ended is none any more. */
export const known = (peers: readonly AgentPeer[]) => peers.filter(({ state }) => state !== 'revoked');

export const peerList = tool({
  name: 'peer_list',
  title: 'List peer agents',
  description:
    'List the peers: agents of other people or machines that you can write to with peer_send, and under which aliases. ' +
    'Call it before the first peer_send when you do not know the name of the peer.',
  input: z.strictObject({}),
  output,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  call: async (_args, { api, signal }) => {
    const peers = known(await api.peers(signal));
    const lines = peers.length === 0 ? ['There are no peers: your human can pair one.'] : peers.map(line);
    const told = peers.map((peer) => {
      const why = whyNot(peer);
      return { peer: peer.name, canWrite: why === null, aliases: peer.aliases, why };
    });
    return { content: [{ type: 'text', text: lines.join('\n') }], structuredContent: { peers: told } };
  },
});
