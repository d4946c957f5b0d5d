import { createHash } from 'node:crypto';
import { base32crockford } from '@scure/base';
import { parsed, problem, type Parsed } from '../core/parsed.ts';
import { parseNodeId, type NodeId } from '../core/peer.ts';

/** What one line says to the other owner: where to ask, whom, until when, and the secret that is good once. */
export interface InviteCode {
  /** Tailnet IPv4 and port of the maker's peer listener. */
  readonly address: string;
  readonly port: number;
  readonly nodeId: NodeId;
  /** By the maker's clock, milliseconds since the epoch; whole seconds. */
  readonly expiresAt: number;
  /** 128 random bits in base64url. */
  readonly secret: string;
}

/** The number counts incompatible changes. Lets secret scanners find a code, and people tell what it is. */
const PREFIX = 'AP1';
const SECRET_BYTES = 16;
const SUM_BYTES = 3;
const HEAD_BYTES = 4 + 2 + 4 + SECRET_BYTES;
const GROUP = 5;
/** Left out in the alphabet: U; and I, L and O, which are read as 1, 1 and 0. */
const ODD = /[^0-9A-Z]|U/;
const WHERE = 'invite code';
const ASK = 'Copy the whole line again, or ask for a new one';

function checksum(bytes: Uint8Array): Buffer {
  return createHash('sha256').update('agent-peer invite').update(bytes).digest().subarray(0, SUM_BYTES);
}

/** Letters of Crockford's base 32 in groups, so that a person can read it out: no letter is like another. */
export function encodeInviteCode({ address, port, nodeId, expiresAt, secret }: InviteCode): string {
  const head = Buffer.alloc(HEAD_BYTES);
  Buffer.from(address.split('.').map(Number)).copy(head, 0);
  head.writeUInt16BE(port, 4);
  head.writeUInt32BE(Math.floor(expiresAt / 1000), 6);
  Buffer.from(secret, 'base64url').copy(head, 10);
  const bytes = Buffer.concat([head, Buffer.from(nodeId, 'ascii')]);
  const letters = base32crockford.encode(Buffer.concat([bytes, checksum(bytes)]));
  return [PREFIX, ...(letters.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [])].join('-');
}

function broken(what: string, fix = ASK) {
  return problem(WHERE, what, fix);
}

function bytesOf(letters: string): Buffer | null {
  try {
    return Buffer.from(base32crockford.decode(letters));
  } catch {
    return null;
  }
}

function read(bytes: Buffer): Parsed<InviteCode> {
  const nodeId = parseNodeId(bytes.subarray(HEAD_BYTES).toString('ascii'));
  if (!nodeId.ok) return broken('names no node');
  return parsed({
    address: [...bytes.subarray(0, 4)].join('.'),
    port: bytes.readUInt16BE(4),
    expiresAt: bytes.readUInt32BE(6) * 1000,
    secret: bytes.subarray(10, HEAD_BYTES).toString('base64url'),
    nodeId: nodeId.value,
  });
}

/** What is wrong is told by its place, and never quoted: most of a code is a secret. */
export function parseInviteCode(raw: string): Parsed<InviteCode> {
  const typed = raw.toUpperCase().replaceAll(/[\s-]/g, '');
  if (typed === '') return broken('is empty', 'Give the line that `agent-peer invite create` printed');
  if (/^AP[2-9]/.test(typed)) return broken('was made by a newer version of agent-peer', 'Update this stack');
  if (!typed.startsWith(PREFIX)) return broken(`does not begin with ${PREFIX}-`);
  const letters = typed.slice(PREFIX.length);
  const odd = ODD.exec(letters);
  if (odd !== null)
    return broken(`has a character that is in no code: character ${odd.index + 1} after ${PREFIX}-`);
  const all = bytesOf(letters);
  if (all === null || all.length <= HEAD_BYTES + SUM_BYTES)
    return broken(`has ${letters.length} characters after ${PREFIX}-, so its end or a part of it is missing`);
  const bytes = all.subarray(0, -SUM_BYTES);
  if (!checksum(bytes).equals(all.subarray(-SUM_BYTES)))
    return broken('has a wrong checksum: a character is mistyped, or missing');
  return read(bytes);
}
