import {
  ALIAS_NOT_GRANTED,
  HEADER_INVALID,
  METHOD_NOT_ALLOWED,
  PATH_UNKNOWN,
  refused,
  UPGRADE_REFUSED,
} from '../answers.ts';
import type { Attack, Expectation } from '../attack.ts';
import { message, request } from '../bytes.ts';

/** `<alias>` in a target stands for the granted one. */
function at(id: string, why: string, target: string, expect: Expectation = PATH_UNKNOWN): Attack {
  const bytes = request({ target: ({ alias }) => target.replaceAll('<alias>', alias), body: message(id) });
  return { id: `target-${id}`, why, bytes, expect: [expect] };
}

const dressed: readonly Attack[] = [
  at('root', 'The root serves the control page of a gateway.', '/'),
  at('prefix', 'A prefix of a route is the route for a prefix match.', '/a2a'),
  at('slash-behind', 'A slash behind is tidied away by a router.', '/a2a/v1/'),
  at('slash-behind-alias', 'The same behind the alias.', '/a2a/v1/<alias>/'),
  at('slashes', 'Two slashes are a host name for one reader.', '//a2a/v1/<alias>'),
  at('slashes-inside', 'Two slashes are merged by one reader.', '/a2a//v1/<alias>'),
  at('slashes-alias', 'The same in front of the alias.', '/a2a/v1//<alias>'),
  at('case-first', 'A router that ignores case lets through what the check did not see.', '/A2A/v1/<alias>'),
  at('case-second', 'The same further on.', '/a2a/V1/<alias>'),
  at('query', 'A query is stripped after the match.', '/a2a/v1/<alias>?x=1'),
  at('query-empty', 'An empty query too.', '/a2a/v1/<alias>?'),
  at('query-token', 'A token in the query ends up in logs.', '/a2a/v1/<alias>?token=a'),
  at(
    'query-session',
    'A query names the session that a gateway writes to.',
    '/a2a/v1/<alias>?sessionKey=agent:main:main',
  ),
  at('query-encoded', 'An encoded question mark becomes one after the match.', '/a2a/v1/<alias>%3fx=1'),
  at('fragment', 'A fragment is cut off by one reader.', '/a2a/v1/<alias>#x'),
  at('fragment-encoded', 'An encoded one after the match.', '/a2a/v1/<alias>%23x'),
  at('matrix', 'A parameter behind a semicolon is cut off by one reader.', '/a2a/v1/<alias>;x=1'),
  at('matrix-inside', 'The same between segments.', '/a2a;x/v1/<alias>'),
  at('dots', 'Two dots climb to a route beside.', '/a2a/v1/../v1/<alias>'),
  at('dots-end', 'The same at the end.', '/a2a/v1/<alias>/..'),
  at('dots-health', 'A climb from a known route to another one.', '/health/../a2a/v1/<alias>'),
  at('dots-tools', 'A climb to the gateway’s tools.', '/a2a/v1/../../tools/invoke'),
  at('dots-above-root', 'A climb above the root.', '/../../../../a2a/v1/<alias>'),
  at('dot', 'One dot is tidied away.', '/a2a/v1/./<alias>'),
  at('dot-end', 'The same at the end.', '/a2a/v1/<alias>/.'),
  at('dots-encoded', 'Encoded dots are decoded after the match.', '/a2a/v1/%2e%2e/v1/<alias>'),
  at('dots-half-encoded', 'Half of them.', '/a2a/v1/.%2e/v1/<alias>'),
  at('dots-twice-encoded', 'Decoded twice, they are dots again.', '/a2a/v1/%252e%252e/v1/<alias>'),
  at('slash-encoded', 'An encoded slash is decoded after the match.', '/a2a%2fv1/<alias>'),
  at('slash-encoded-upper', 'The same in upper case.', '/a2a%2Fv1%2F<alias>'),
  at('slash-encoded-behind', 'The same behind.', '/a2a/v1/<alias>%2f'),
  at('slash-twice-encoded', 'Decoded twice.', '/a2a%252fv1/<alias>'),
  at('letter-encoded', 'Encoded letters are the same alias for one reader.', '/a2a/v1/%68andoff'),
  at('space-encoded', 'An encoded space is trimmed after the match.', '/a2a/v1/<alias>%20'),
  at('nul-encoded', 'An encoded NUL ends the path for C.', '/a2a/v1/<alias>%00.json'),
  at(
    'crlf-encoded',
    'An encoded line break makes a header where it is copied.',
    '/a2a/v1/<alias>%0d%0ax-a:%20b',
  ),
  at('overlong-slash', 'An overlong slash is a slash for one reader.', '/a2a%c0%afv1/<alias>'),
  at('overlong-dot', 'An overlong dot likewise.', '/a2a/v1/%c0%ae%c0%ae/v1/<alias>'),
  at('unicode-slash', 'A slash of another script is normalised into ours.', '/a2a%ef%bc%8fv1/<alias>'),
  at('unicode-u', 'The %u form is decoded by one server only.', '/a2a%u002fv1/<alias>'),
  at('percent-broken', 'A broken escape breaks whoever decodes it.', '/a2a/v1/<alias>%zz'),
  at('percent-alone', 'The same at the end.', '/a2a/v1/<alias>%'),
  at('backslash', 'A backslash is a slash for one reader.', '/a2a/v1\\<alias>'),
  at('backslash-dots', 'A climb with backslashes.', '/a2a/v1/..\\..\\tools\\invoke'),
  at('raw-latin1', 'A raw byte beyond ASCII.', '/a2a/v1/\xe4', HEADER_INVALID),
  at(
    'absolute',
    'The absolute form is for proxies: it names another host.',
    'http://127.0.0.1:18789/a2a/v1/<alias>',
  ),
  at('absolute-https', 'The same with another scheme.', 'https://127.0.0.1/a2a/v1/<alias>'),
  at('absolute-userinfo', 'A user in it moves the host.', 'http://a2a@127.0.0.1:18789/tools/invoke'),
  at('absolute-file', 'A scheme that reads files.', 'file:///etc/passwd'),
  at('absolute-metadata', 'The address of a cloud’s metadata.', 'http://169.254.169.254/latest/meta-data/'),
  at('network-path', 'Two slashes and a host.', '//127.0.0.1:18789/tools/invoke'),
  at('asterisk', 'The form for the whole server.', '*'),
  at('authority', 'The form of CONNECT with another method.', '127.0.0.1:18789', HEADER_INVALID),
  at('no-slash', 'A target that begins with a letter.', 'a2a/v1/<alias>', HEADER_INVALID),
  at('space', 'A space cuts the target in two.', '/a2a/v1/<alias> x', HEADER_INVALID),
  at('tab', 'A tab likewise.', '/a2a/v1/<alias>\tx', HEADER_INVALID),
  at('nul', 'A raw NUL.', '/a2a/v1/<alias>\0', HEADER_INVALID),
  at('empty', 'No target at all.', '', HEADER_INVALID),
  at('two-aliases', 'A second segment behind the alias.', '/a2a/v1/<alias>/<alias>'),
  at('next-version', 'A version that is not there.', '/a2a/v2/<alias>'),
  at('rest-send', 'A2A’s REST form, which is another surface.', '/a2a/v1/message:send'),
  at('rest-stream', 'The same for streams.', '/a2a/v1/message:stream'),
  at(
    'rest-tasks',
    'A list of all tasks in the REST form: here it is the name of an alias that nobody has.',
    '/a2a/v1/tasks',
    ALIAS_NOT_GRANTED,
  ),
  at('rest-root', 'The REST form at its usual place.', '/v1/message:send'),
  at('alias-prototype', 'A name of every object in place of the alias.', '/a2a/v1/constructor.prototype'),
  at('alias-long', 'An alias longer than any.', `/a2a/v1/${'a'.repeat(65)}`),
  at('long', 'A path of thirty thousand characters.', `/${'a'.repeat(30_000)}`),
  at('deep', 'A path of ten thousand segments keeps a router busy.', '/a'.repeat(10_000)),
  at('dotfile', 'A file of the working folder.', '/.env'),
  at('git', 'The history of the program.', '/.git/config'),
  at('database', 'The database of the stack.', '/data/agent-peer.db'),
  at('local-api', 'The loopback API of the owner, from outside.', '/api/v1/status'),
  at('local-send', 'Sending as the owner.', '/api/v1/messages'),
  at('local-mcp', 'The tools of the local agent.', '/mcp'),
  at('tools-slash', 'The tool route with a slash behind.', '/tools/invoke/'),
  at('tools-slashes', 'The tool route with two slashes.', '/tools//invoke'),
  at('tools-case', 'The tool route in another case.', '/tools/Invoke'),
  at('tools-query', 'The tool route with a query.', '/tools/invoke?tool=exec'),
  at('tools-encoded', 'The tool route with an encoded slash.', '/tools%2finvoke'),
  at('card-slash', 'The card with a slash behind.', '/.well-known/agent-card.json/'),
  at('card-query', 'The card with a query.', '/.well-known/agent-card.json?tenant=a'),
  at('card-case', 'The card in another case.', '/.Well-Known/agent-card.json'),
  at('card-dots', 'A climb from the card.', '/.well-known/../a2a/v1/<alias>'),
  at('metrics', 'The figures of the stack.', '/metrics'),
  at('pprof', 'A debugger that was forgotten.', '/debug/pprof/'),
  at('localapi', 'tailscaled’s own API.', '/localapi/v0/status'),
  at('health-slash', 'The health route with a slash behind.', '/health/'),
  at('health-case', 'The health route in upper case.', '/HEALTH'),
  at('health-query', 'The health route with a query.', '/health?verbose=1'),
];

function method(name: string, why: string, target: string, expect: Expectation): Attack {
  const id = `method-${name.toLowerCase()}-${target === '/health' ? 'health' : 'messages'}`;
  const bytes = request({
    method: name,
    target: ({ alias }) => target.replace('<alias>', alias),
    lines: name === 'POST' ? [] : ['content-length: 0'],
  });
  return { id, why, bytes, expect: [expect] };
}

const methods: readonly Attack[] = [
  method('GET', 'A GET is sent by any image on a web page.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('PUT', 'A method that replaces.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('DELETE', 'A method that deletes.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('PATCH', 'A method that changes.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('OPTIONS', 'A browser asks whether a page may post here.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('TRACE', 'An echo of the head gives a page the token.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method(
    'HEAD',
    'An answer without a body is cut by one reader and not by the next.',
    '/a2a/v1/<alias>',
    refused(405, null),
  ),
  method('PROPFIND', 'WebDAV lists folders.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('MKCOL', 'WebDAV makes them.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('QUERY', 'A new method that no old rule speaks of.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('PURGE', 'A method of caches.', '/a2a/v1/<alias>', METHOD_NOT_ALLOWED),
  method('POST', 'Writing where there is only reading.', '/health', METHOD_NOT_ALLOWED),
  method('HEAD', 'The same without a body.', '/health', refused(405, null)),
  method('OPTIONS', 'A browser asks about the health route.', '/health', METHOD_NOT_ALLOWED),
  method('TRACE', 'An echo from the health route.', '/health', METHOD_NOT_ALLOWED),
  method('CONNECT', 'A tunnel whose target is a path.', '/a2a/v1/<alias>', UPGRADE_REFUSED),
];

const overridden: readonly Attack[] = ['x-http-method-override', 'x-http-method', 'x-method-override'].map(
  (name) => ({
    id: `method-${name}`,
    why: 'A header makes another method of a GET in some frameworks.',
    bytes: request({ method: 'GET', lines: [`${name}: POST`] }),
    expect: [METHOD_NOT_ALLOWED],
  }),
);

const rewritten: readonly Attack[] = ['x-original-url', 'x-rewrite-url'].map((name) => ({
  id: `target-${name}`,
  why: 'A header replaces the target after the check in some frameworks.',
  bytes: request({ target: '/nowhere', lines: [`${name}: /health`] }),
  expect: [PATH_UNKNOWN],
}));

export const TARGET_ATTACKS: readonly Attack[] = [...dressed, ...methods, ...overridden, ...rewritten];
