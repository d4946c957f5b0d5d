import { CONTENT_TYPE_UNSUPPORTED } from '../answers.ts';
import type { Attack } from '../attack.ts';
import { drafted, lined } from './build.ts';

const types: readonly Attack[] = [
  ['text', 'text/plain', 'A type that a web page may send without asking.'],
  ['form', 'application/x-www-form-urlencoded', 'The type of a web form.'],
  ['multipart', 'multipart/form-data; boundary=a', 'The type of an upload.'],
  ['missing', '', 'No type at all is guessed.'],
  ['latin1', 'application/json; charset=latin1', 'Another encoding than the one that is checked.'],
  ['utf16', 'application/json; charset=utf-16', 'UTF-16 hides every quotation mark.'],
  ['utf7', 'application/json; charset=utf-7', 'UTF-7 hides them in plain ASCII.'],
  [
    'two-charsets',
    'application/json; charset=utf-8; charset=utf-16',
    'Two encodings, of which each reader takes another.',
  ],
  ['list', 'application/json, text/plain', 'A list, of which each reader takes another.'],
  ['suffix', 'application/jsonp', 'A type that begins like ours.'],
  ['json-patch', 'application/json-patch+json', 'A patch is applied by some servers.'],
  ['parameter', 'application/json; a=b', 'A parameter that nobody has defined.'],
  ['xml', 'text/xml', 'XML, whose entities fetch files.'],
].map(([name = '', value = '', why = '']) =>
  drafted(
    `head-type-${name}`,
    why,
    { without: ['content-type'], lines: value === '' ? [] : [`content-type: ${value}`] },
    CONTENT_TYPE_UNSUPPORTED,
  ),
);

const codings: readonly Attack[] = [
  lined('head-type-twice', 'Two types, of which each reader takes another.', ['content-type: text/plain']),
  lined('head-type-twice-equal', 'Two equal ones.', ['content-type: application/json']),
  lined(
    'head-encoding-gzip',
    'A compressed body unpacks to more than the limit.',
    ['content-encoding: gzip'],
    CONTENT_TYPE_UNSUPPORTED,
  ),
  lined(
    'head-encoding-identity',
    'Even the coding that does nothing is one more thing to differ on.',
    ['content-encoding: identity'],
    CONTENT_TYPE_UNSUPPORTED,
  ),
  lined('head-encoding-twice', 'Two codings.', ['content-encoding: br', 'content-encoding: gzip']),
  lined('head-version-twice', 'Two protocol versions.', ['a2a-version: 1.0', 'a2a-version: 0.3']),
];

export const CONTENT_TYPE_ATTACKS: readonly Attack[] = [...types, ...codings];
