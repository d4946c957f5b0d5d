import {
  accepted,
  CONTENT_TYPE_UNSUPPORTED,
  HEADER_INVALID,
  HEALTH,
  PATH_UNKNOWN,
  UNAUTHENTICATED,
  UPGRADE_REFUSED,
} from '../answers.ts';
import type { Attack, Bytes } from '../attack.ts';
import { message, plainText, request, type Draft } from '../bytes.ts';
import { drafted } from './build.ts';

const health: Bytes = request({ method: 'GET', target: '/health' });
const keepAlive = (changed: Draft): Draft => ({
  ...changed,
  without: [...(changed.without ?? []), 'connection'],
});
const stolen: Bytes = (aim) =>
  request({ body: message('head-pipelined-stolen') })({ ...aim, token: aim.other.token });

/** More than one request on a connection: each is judged by itself, and none behind a refused one. */
export const PIPELINE_ATTACKS: readonly Attack[] = [
  drafted(
    'head-pipelined-behind-404',
    'The request behind a refused one is served as if it were the first.',
    keepAlive({ target: '/nowhere', behind: health }),
    PATH_UNKNOWN,
  ),
  drafted(
    'head-pipelined-behind-head',
    'Behind a refused head likewise.',
    keepAlive({ lines: ['origin: http://evil.example'], behind: health }),
    HEADER_INVALID,
  ),
  drafted(
    'head-pipelined-behind-type',
    'Behind a refused type likewise.',
    keepAlive({ without: ['content-type'], lines: ['content-type: text/plain'], behind: health }),
    CONTENT_TYPE_UNSUPPORTED,
  ),
  drafted(
    'head-pipelined-behind-upgrade',
    'Bytes behind an upgrade reach whoever took the socket over.',
    { lines: ['connection: upgrade', 'upgrade: websocket'], without: ['connection'], behind: health },
    UPGRADE_REFUSED,
  ),
  drafted(
    'head-pipelined-behind-close',
    'The sender said that the connection ends, and sends on.',
    { behind: health },
    accepted(plainText('head-pipelined-behind-close')),
  ),
  drafted(
    'head-pipelined-two',
    'Two plain requests in one packet: the second is judged by itself.',
    keepAlive({ behind: health }),
    accepted(plainText('head-pipelined-two')),
    HEALTH,
  ),
  drafted(
    'head-pipelined-stolen',
    'The second request rides on the first one’s identity, with a token of another peer.',
    keepAlive({ method: 'GET', target: '/health', behind: stolen }),
    HEALTH,
    UNAUTHENTICATED,
  ),
  drafted(
    'head-pipelined-garbage',
    'Garbage behind a whole request is answered in its place.',
    { behind: () => Buffer.from('\0\0\0\0') },
    accepted(plainText('head-pipelined-garbage')),
  ),
];
