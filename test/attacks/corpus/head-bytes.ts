import { accepted, HEADER_INVALID } from '../answers.ts';
import type { Attack } from '../attack.ts';
import { plainText, request, swap } from '../bytes.ts';
import { lined, literal, spoilt } from './build.ts';

export const HEAD_BYTE_ATTACKS: readonly Attack[] = [
  lined('head-obs-fold', 'A folded line is one header here and two there.', ['x-a: b', ' content-length: 5']),
  lined('head-obs-fold-tab', 'The same with a tab.', ['x-a: b', '\ttransfer-encoding: chunked']),
  spoilt('head-fold-first', 'A first line that begins with a space belongs to nothing.', (plain) =>
    swap(plain, 'host:', ' host:'),
  ),
  spoilt('head-bare-lf', 'A bare line feed ends a line for one reader only.', (plain) =>
    swap(plain, '\r\nhost', '\nhost'),
  ),
  lined('head-bare-lf-in-value', 'Behind a bare line feed stands a header that one reader sees.', [
    'x-a: b\ntransfer-encoding: chunked',
  ]),
  lined('head-bare-cr-in-value', 'Behind a bare carriage return likewise.', [
    'x-a: b\rtransfer-encoding: chunked',
  ]),
  spoilt('head-all-bare-lf', 'Line feeds throughout.', (plain) => plain.replaceAll('\r\n', '\n')),
  spoilt('head-end-bare-lf', 'The head ends early for one reader.', (plain) =>
    swap(plain, '\r\n\r\n', '\r\n\n'),
  ),
  spoilt('head-double-cr', 'Two carriage returns.', (plain) => swap(plain, '\r\nhost', '\r\r\nhost')),
  lined('head-nul-in-value', 'A NUL ends the value for C.', ['x-a: b\0c']),
  lined('head-nul-in-name', 'A NUL ends the name for C.', ['x\0-a: b']),
  lined('head-control-in-value', 'An escape sequence colours the owner’s terminal.', ['x-a: \x1b[31m']),
  lined('head-delete-in-value', 'DEL is a control character too.', ['x-a: \x7f']),
  lined('head-space-before-colon', 'A space in front of the colon makes another name for one reader.', [
    'transfer-encoding : chunked',
  ]),
  lined('head-tab-before-colon', 'A tab likewise.', ['content-length\t: 5']),
  lined('head-space-in-name', 'A space within the name.', ['content length: 5']),
  lined('head-no-colon', 'A line without a colon is skipped by one reader.', ['x-a']),
  lined('head-no-name', 'A line without a name.', [': b']),
  lined('head-name-latin1', 'A name beyond ASCII is normalised into a known one.', [
    'transfer\xadencoding: chunked',
  ]),
  lined('head-name-brackets', 'A separator within a name.', ['x(a): b']),
  spoilt('head-host-missing', 'Without a host the default site of a gateway answers.', (plain) =>
    plain.replace(/host: .*\r\n/, ''),
  ),
  lined('head-host-twice', 'One host is checked and the other one routed to.', ['host: 127.0.0.1:18789']),
  spoilt('head-http-1-0', 'The old version knows neither chunks nor hosts.', (plain) =>
    swap(plain, 'HTTP/1.1', 'HTTP/1.0'),
  ),
  spoilt('head-http-0-9', 'The oldest one has no headers at all.', () => 'GET /health\r\n\r\n'),
  spoilt('head-http-1-2', 'A version that nobody has defined.', (plain) =>
    swap(plain, 'HTTP/1.1', 'HTTP/1.2'),
  ),
  spoilt('head-http-2-0', 'Version two in the words of version one.', (plain) =>
    swap(plain, 'HTTP/1.1', 'HTTP/2.0'),
  ),
  spoilt('head-http-lower-case', 'A lower-case protocol name.', (plain) =>
    swap(plain, 'HTTP/1.1', 'http/1.1'),
  ),
  spoilt('head-protocol-icy', 'Another protocol that some parsers take for HTTP.', (plain) =>
    swap(plain, 'HTTP/1.1', 'ICE/1.0'),
  ),
  spoilt('head-protocol-rtsp', 'RTSP, which the parser also knows.', (plain) =>
    swap(plain, 'HTTP/1.1', 'RTSP/1.0'),
  ),
  spoilt(
    'head-two-spaces',
    'Two spaces are an empty target for one reader; ours sees one, and nobody stands in front of it.',
    (plain) => swap(plain, 'POST ', 'POST  '),
    accepted(plainText('head-two-spaces')),
  ),
  spoilt('head-tab-in-line', 'A tab in place of the space.', (plain) => swap(plain, 'POST ', 'POST\t')),
  spoilt('head-leading-space', 'A space in front of the method.', (plain) => ` ${plain}`),
  spoilt(
    'head-method-lower-case',
    'Methods are case-sensitive; a reader that ignores it sees another one.',
    (plain) => swap(plain, 'POST', 'post'),
  ),
  spoilt('head-method-unknown', 'A method that no rule speaks of.', (plain) => swap(plain, 'POST', 'JUMP')),
  spoilt('head-method-latin1', 'A method beyond ASCII.', (plain) => swap(plain, 'POST', 'PO\xdfT')),
  literal('head-words', 'Words that are no request keep the parser waiting.', 'hello\r\n\r\n'),
  literal(
    'head-tls',
    'A TLS greeting on the plain port gets a talkative error.',
    Buffer.from('16030100a5010000a10303', 'hex'),
  ),
  literal('head-ssh', 'A greeting of SSH likewise.', 'SSH-2.0-OpenSSH_9.6\r\n'),
  literal('head-smtp', 'Mail commands from a page that posts to any port.', 'EHLO a\r\nMAIL FROM:<a@b>\r\n'),
  literal('head-redis', 'A command of Redis.', '*1\r\n$4\r\nPING\r\n'),
  {
    id: 'head-proxy-protocol',
    why: 'The PROXY line names another address as the sender’s.',
    bytes: (aim) => Buffer.concat([Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n'), request({})(aim)]),
    expect: [HEADER_INVALID],
  },
  literal(
    'head-proxy-protocol-2',
    'Its binary form.',
    Buffer.from('0d0a0d0a000d0a515549540a20110000', 'hex'),
  ),
  literal('head-nuls', 'Zeros only.', Buffer.alloc(64)),
];
