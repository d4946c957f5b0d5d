import type { Command } from 'commander';
import type { StatusView } from '../../local-server/routes/status.ts';
import { verb, type Cli } from '../command.ts';
import type { Outcome, PrintOptions } from '../outcome.ts';
import { endOf, todoOf } from '../peer-words.ts';

function gatewayLine({ gateway }: StatusView): string {
  switch (gateway.kind) {
    case 'ready':
      return `ready, OpenClaw ${gateway.version}, ${gateway.scopes.join(' + ')}`;
    case 'unpaired':
      return 'not paired yet; run agent-peer gateway pair';
    case 'connecting':
      return `connecting: ${gateway.detail}`;
    case 'refused':
      return `refused us: ${gateway.detail}`;
  }
}

function waitingWords({ waiting: { count, detail } }: StatusView['peers'][number]): string {
  if (count === 0) return '';
  return `${count} waiting${detail === null ? '' : ` (${detail})`}`;
}

function peerLine(peer: StatusView['peers'][number]): string {
  const { name, state, online, hasOutboundToken } = peer;
  const token = hasOutboundToken || state !== 'active' ? '' : 'no token for it yet: agent-peer peers token';
  const words = [state, todoOf(peer), online ? 'online' : 'offline', endOf(peer), token];
  return `${name}: ${[...words, waitingWords(peer)].filter((word) => word !== '').join(', ')}`;
}

function clockLines({ clock }: StatusView): readonly string[] {
  switch (clock.kind) {
    case 'ok':
      return [];
    case 'behind':
      return [
        'clock    behind a time that it has already shown, so nothing is allowed: set it, or agent-peer clock accept',
      ];
    case 'unknown':
      return [`clock    not known, so nothing is allowed: ${clock.detail}`];
  }
}

function countLine(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  return parts.length === 0 ? 'empty' : parts.join(', ');
}

function heldLines({ held: { here, there } }: StatusView): readonly string[] {
  if (here + there === 0) return [];
  const elsewhere = there === 0 ? '' : `${here === 0 ? '' : ', and '}${there} of ours at their peers`;
  return [`held     ${here === 0 ? '' : here}${elsewhere}: agent-peer held list`];
}

function textOf(status: StatusView): string {
  const { node, tailnet } = status;
  const peers = status.peers.length === 0 ? ['none yet'] : status.peers.map(peerLine);
  return [
    `version  ${status.version}`,
    `node     ${node === null ? 'none' : `${node.dnsName} ${node.ipv4 ?? 'without an address'}, node id ${node.nodeId}`}`,
    `tailnet  ${tailnet.backendState}${tailnet.tun ? ', kernel TUN' : ''}${tailnet.version === '' ? '' : `, tailscaled ${tailnet.version}`}`,
    ...tailnet.health.map((complaint) => `         ${complaint}`),
    `gateway  ${gatewayLine(status)}`,
    ...clockLines(status),
    ...(status.paused === true
      ? ['paused   everything: nothing is sent, taken or run until you say: agent-peer resume']
      : []),
    ...peers.map((line, index) => `${index === 0 ? 'peers  ' : '       '}  ${line}`),
    `outbox   ${countLine(status.outbox)}`,
    `inbox    ${countLine(status.inbox)}`,
    ...status.notices.map(({ text }, index) => `${index === 0 ? 'notices' : '       '}  ${text}`),
    ...heldLines(status),
  ].join('\n');
}

async function status(cli: Cli): Promise<Outcome> {
  const view = await cli.connect().get<StatusView>('/status');
  return { json: view, text: textOf(view) };
}

export function addStatus(program: Command, cli: Cli): void {
  verb(program, 'status', 'show how this stack is').action((options: PrintOptions) =>
    cli.perform(options, () => status(cli)),
  );
}
