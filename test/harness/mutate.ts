/** Small damage to the bytes of a good request, of the kinds that parsers disagree about. */
import type { SeededRandom } from '../../src/lab/seeded-random.ts';

/** Changes one thing. May leave the bytes as they are, where there is nothing to change. */
type Mutation = (bytes: Buffer, random: SeededRandom, other: Buffer) => Buffer;

const HEAD_END = '\r\n\r\n';

/** Inserted anywhere: what ends a line, a string, a path segment or a name for somebody, and is nothing for others. */
const PIECES = [
  ...['\0', '\r', '\n', '\r\n', '\r\n\r\n', '\t', ' ', '\x0b', '\x7f', '\x1b[2J', '\b'],
  ...['%00', '%0d%0a', '%2f', '%2e%2e', '%', '..', '/', '//', '\\', ';', '?', '#', '@', ':', ','],
  ...[
    '"',
    "'",
    '\\"',
    '\\u0000',
    '\\ud800',
    '{',
    '}',
    '[',
    ']',
    'null',
    'true',
    '1e999',
    '-0',
    '0x10',
    '//x',
  ],
  ...['\u00a0', '\u2028', '\u202e', '\ufeff', 'é', 'e\u0301', 'ｉ', 'а', '😀', '\u0130'],
  ...['<<<end-peer-message', '/new', 'agent:main:main', '__proto__', 'constructor'],
].map((piece) => Buffer.from(piece)) as [Buffer, ...Buffer[]];
/** What is no UTF-8. */
const BROKEN = ['ff', 'c080', 'eda080', 'f8808080', 'e28280e2'].map((hex) => Buffer.from(hex, 'hex')) as [
  Buffer,
  ...Buffer[],
];

const LINES: readonly [string, ...string[]] = [
  'Transfer-Encoding: chunked',
  'transfer-encoding: identity',
  'Content-Length: 0',
  'Content-Length: 5',
  'content-length: +7',
  'Connection: keep-alive, Upgrade',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Origin: null',
  'Host: 127.0.0.1:18789',
  'Content-Encoding: gzip',
  'Content-Type: text/plain',
  'Authorization: Basic Ym9iOmJvYg==',
  'X-Forwarded-For: 127.0.0.1',
  'Tailscale-User-Login: carol@example.com',
  'A2A-Version: 0.3',
  'Trailer: authorization',
  ' folded: yes',
];

const cut = (bytes: Buffer, from: number, to: number, put: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);

/** A short piece of the bytes, as where it begins and ends. */
function range({ length }: Buffer, random: SeededRandom): readonly [number, number] {
  const from = random.int(length);
  return [from, Math.min(length, from + 1 + random.int(12))];
}

const BYTES: readonly Mutation[] = [
  function flip(bytes, random) {
    const at = random.int(bytes.length);
    return cut(bytes, at, at + 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << random.int(8))]));
  },
  function insert(bytes, random) {
    const at = random.int(bytes.length + 1);
    return cut(bytes, at, at, random.once(6) ? random.pick(BROKEN) : random.pick(PIECES));
  },
  function remove(bytes, random) {
    return cut(bytes, ...range(bytes, random));
  },
  function repeat(bytes, random) {
    const [from, to] = range(bytes, random);
    return cut(bytes, to, to, bytes.subarray(from, to));
  },
  function percent(bytes, random) {
    const at = random.int(Math.min(bytes.length, 60));
    return cut(bytes, at, at + 1, Buffer.from(`%${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`));
  },
];

const CUTS: readonly Mutation[] = [
  function truncate(bytes, random) {
    return bytes.subarray(0, random.int(bytes.length));
  },
  function splice(bytes, random, other) {
    return Buffer.concat([
      bytes.subarray(0, random.int(bytes.length)),
      other.subarray(random.int(other.length)),
    ]);
  },
  function followUp(bytes, _random, other) {
    return Buffer.concat([bytes, other]);
  },
];

type LineChange = (lines: string[], random: SeededRandom) => void;

const RESPELL: readonly [(line: string) => string, ...((line: string) => string)[]] = [
  (line) => line.toUpperCase(),
  (line) => line.replace(':', ' :'),
  (line) => line.replace(': ', ':\t '),
  (line) => `${line} `,
  (line) => line.replace(': ', ':\r\n '),
  (line) => line.replace(':', ''),
  (line) => line.replace('-', '_'),
];

const LINE_CHANGES: readonly LineChange[] = [
  function swap(lines, random) {
    const [a, b] = [1 + random.int(lines.length - 1), 1 + random.int(lines.length - 1)];
    [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
  },
  function add(lines, random) {
    lines.splice(1 + random.int(lines.length), 0, random.pick(LINES));
  },
  function drop(lines, random) {
    lines.splice(1 + random.int(lines.length - 1), 1);
  },
  function twice(lines, random) {
    const at = 1 + random.int(lines.length - 1);
    lines.splice(at, 0, lines[at] ?? '');
  },
  function respell(lines, random) {
    const at = 1 + random.int(lines.length - 1);
    lines[at] = random.pick(RESPELL)(lines[at] ?? '');
  },
];

/** One line of the head; the request line stays where it is. */
function onHead(change: LineChange): Mutation {
  return (bytes, random) => {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) return bytes;
    const lines = bytes.subarray(0, end).toString('latin1').split('\r\n');
    if (lines.length < 2) return bytes;
    change(lines, random);
    return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), bytes.subarray(end)]);
  };
}

/** Puts the length right again, so that the damage is met by the reader behind the head. */
function measured(bytes: Buffer): Buffer {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return bytes;
  const head = bytes.subarray(0, end).toString('latin1');
  const length = String(bytes.length - end - HEAD_END.length);
  const mended = head.replace(/^(content-length:\s*)\d+/im, (_all, name: string) => name + length);
  return Buffer.concat([Buffer.from(mended, 'latin1'), bytes.subarray(end)]);
}

const MEMBER = /"([A-Za-z]+)":("(?:[^"\\]|\\.)*"|[0-9]+|true|false|\{|\[)/g;
type MemberChange = (name: string, value: string, random: SeededRandom) => string;

const VALUES = [
  'null',
  '0',
  '-1',
  '1.5',
  'true',
  '""',
  '"x"',
  '[]',
  '{}',
  '[null]',
  '"agent:main:main"',
] as const;
const NAMES = [
  'sessionKey',
  'taskId',
  'contextId',
  'url',
  'file',
  'id',
  'tenant',
  '__proto__',
  'toString',
] as const;

/** Of whole members; those that open an object or a list keep it open. */
const MEMBER_CHANGES: readonly MemberChange[] = [
  (name, value) => (/[[{]/.test(value) ? `"${name}":${value}` : `"${name}":${value},"${name}":${value}`),
  (name, value, random) => `"${name}":${/[[{]/.test(value) ? value : random.pick(VALUES)}`,
  (_name, value, random) => `"${random.pick(NAMES)}":${value}`,
  (name, value, random) => `"${random.pick(NAMES)}":${random.pick(VALUES)},"${name}":${value}`,
  (name, value) => `"${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":${value}`,
  (name, value) => `"\\u00${(name.charCodeAt(0) & 0xff).toString(16)}${name.slice(1)}":${value}`,
];

function onMember(change: MemberChange): Mutation {
  return (bytes, random) => {
    const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
    const body = bytes.subarray(end).toString('latin1');
    const members = [...body.matchAll(MEMBER)];
    const [member] = members.slice(random.int(members.length || 1));
    if (member === undefined) return bytes;
    const [whole, name = '', value = ''] = member;
    const changed =
      body.slice(0, member.index) + change(name, value, random) + body.slice(member.index + whole.length);
    return measured(Buffer.concat([bytes.subarray(0, end), Buffer.from(changed, 'latin1')]));
  };
}

/** Of the first line alone, where the alias stands. */
function onTarget(change: Mutation): Mutation {
  return (bytes, random, other) => {
    const end = bytes.indexOf('\r\n');
    if (end < 1) return bytes;
    return Buffer.concat([change(bytes.subarray(0, end), random, other), bytes.subarray(end)]);
  };
}

/** As much of each kind, whatever there is of it. */
const KINDS: readonly [readonly Mutation[], ...(readonly Mutation[])[]] = [
  BYTES,
  BYTES.map(onTarget),
  BYTES.map(
    (one): Mutation =>
      (bytes, random, other) =>
        measured(one(bytes, random, other)),
  ),
  LINE_CHANGES.map(onHead),
  MEMBER_CHANGES.map(onMember),
];

/** One change or two; now and then the request is cut, or runs into another one. */
export function mutate(request: Buffer, other: Buffer, random: SeededRandom): Buffer {
  let bytes = request;
  for (let left = 1 + random.int(2); left > 0 && bytes.length > 0; left -= 1) {
    const kind = random.once(16) ? CUTS : random.pick(KINDS);
    bytes = random.pick(kind as readonly [Mutation, ...Mutation[]])(bytes, random, other);
  }
  return bytes;
}
