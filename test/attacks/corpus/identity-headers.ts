import { accepted, HEALTH, UNAUTHENTICATED } from '../answers.ts';
import type { Attack } from '../attack.ts';
import { message, plainText, request } from '../bytes.ts';
import { lined } from './build.ts';

/** Nothing of a head travels on: with such a line the message is taken as without it. */
function line(text: string, why: string): Attack {
  const id = `identity-${text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80)}`;
  return { id, why, bytes: request({ body: message(id), lines: [text] }), expect: [accepted(plainText(id))] };
}

const NOBODY = [UNAUTHENTICATED] as const;

/** The same line in place of a credential is worth nothing. */
function instead(name: string, text: string, why: string): Attack {
  const id = `identity-instead-${name}`;
  return {
    id,
    why,
    bytes: request({ without: ['authorization'], body: message(id), lines: [text] }),
    expect: NOBODY,
  };
}

const forwarded: readonly Attack[] = [
  line('X-Forwarded-For: 127.0.0.1', 'The address of the machine itself.'),
  line('X-Forwarded-For: 100.64.0.1, 127.0.0.1', 'A chain of addresses.'),
  line('X-Forwarded-Host: 127.0.0.1:18789', 'Another host.'),
  line('X-Forwarded-Proto: https', 'A connection that looks safe.'),
  line('X-Forwarded-Port: 18789', 'Another port.'),
  line('X-Forwarded-Prefix: /tools', 'A path that is put in front.'),
  line('X-Forwarded-User: owner', 'A user that a proxy has logged in.'),
  line('X-Forwarded-Uri: /tools/invoke', 'Another target.'),
  line('Forwarded: for=127.0.0.1;host=localhost;proto=https', 'The standard form of all of them.'),
  line('X-Real-IP: 127.0.0.1', 'The older form of the address.'),
  line('X-Client-IP: 127.0.0.1', 'Another name for it.'),
  line('True-Client-IP: 127.0.0.1', 'A third one.'),
  line('CF-Connecting-IP: 127.0.0.1', 'A fourth one.'),
  line('X-Remote-User: owner', 'A user by another name.'),
  line('X-Authenticated-User: owner', 'And another.'),
  line('Via: 1.1 gateway', 'A relay that has checked already.'),
];

const tailscale: readonly Attack[] = [
  line('Tailscale-User-Login: owner@example.com', 'The owner’s login, as Serve puts it in.'),
  line('Tailscale-User-Name: Owner', 'The owner’s name.'),
  line('Tailscale-User-Profile-Pic: http://127.0.0.1/', 'An address to fetch.'),
  line('Tailscale-Headers-Info: https://tailscale.com/s/serve-headers', 'The mark of Serve.'),
  line('Tailscale-Funnel-Request: ?1', 'The mark of Funnel.'),
  line('Tailscale-App-Capabilities: {"a":[{}]}', 'A capability that the tailnet would have granted.'),
  line('X-Webauth-User: owner@example.com', 'The login as another proxy puts it in.'),
];

const openclaw: readonly Attack[] = [
  line('X-OpenClaw-Session-Key: agent:main:main', 'The session to write to.'),
  line('X-OpenClaw-Agent-Id: main', 'The agent.'),
  line('X-OpenClaw-Agent: main', 'The agent under the undocumented name.'),
  line('X-OpenClaw-Message-Channel: webchat', 'The channel, which shapes policy.'),
  line('X-OpenClaw-Account-Id: owner', 'The account.'),
  line('X-OpenClaw-Message-To: +15550100', 'Where the reply is delivered to.'),
  line('X-OpenClaw-Thread-Id: 1', 'The thread.'),
  line('X-OpenClaw-Model: expensive', 'The model.'),
  line('X-OpenClaw-Scopes: operator.admin', 'The scopes.'),
  line('X-OpenClaw-Token: a', 'The token of a hook.'),
  line('X-OpenClaw-Sender-Is-Owner: true', 'The owner’s authority.'),
  line('X-OpenClaw-Idempotency-Key: a', 'A key in the gateway’s one space of keys.'),
  line('Idempotency-Key: a', 'The same by its usual name.'),
  line('X-Agent-Peer: alice', 'The name of another peer.'),
  line('X-Peer-Node: nalice', 'The node of another peer.'),
];

const plain: readonly Attack[] = [
  line('X-Api-Key: a', 'Another place for a credential.'),
  line('Api-Key: a', 'And another.'),
  line('Proxy-Authorization: Bearer a', 'The credential for a proxy.'),
  line('Authentication: Bearer a', 'A name that looks like ours.'),
  line('X-Authorization: Bearer a', 'Another one.'),
  line('Connection: authorization', 'A relay strips the header that is named here.'),
  line('TE: trailers', 'Leave for trailers.'),
  line('Keep-Alive: timeout=9999', 'A wish for a long connection.'),
  line('Max-Forwards: 0', 'A count for relays.'),
  line('Range: bytes=0-1', 'A piece of the answer.'),
  line('If-None-Match: *', 'An answer without a body.'),
  line('Accept: text/event-stream', 'A stream in place of an answer.'),
  line('Accept-Encoding: br, gzip', 'A compressed answer tells by its length.'),
  line('Last-Event-ID: 1', 'The rest of a stream.'),
  line('A2A-Extensions: http://evil.example/ext', 'An extension that is activated, or fetched.'),
  line('X-A2A-Extensions: http://evil.example/ext', 'The same under the older name.'),
  line('Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'A trace that is passed on.'),
  line('Baggage: user=owner', 'Baggage that is passed on.'),
  line('User-Agent: openclaw-gateway/2026.9.6', 'A program that is trusted.'),
];

const alone: readonly Attack[] = [
  lined(
    'identity-session-key-twice',
    'Two sessions are joined with a comma and become a third.',
    ['x-openclaw-session-key: agent:main:main', 'x-openclaw-session-key: agent:main:peer-bob'],
    accepted(plainText('identity-session-key-twice')),
  ),
  instead('tailscale-login', 'Tailscale-User-Login: owner@example.com', 'A login without a token.'),
  instead('forwarded-loopback', 'X-Forwarded-For: 127.0.0.1', 'Loopback needs no token at the gateway.'),
  instead('proxy-authorization', 'Proxy-Authorization: Bearer a', 'The proxy’s credential in place of ours.'),
  instead('api-key', 'X-Api-Key: a', 'An API key in place of a token.'),
  instead('openclaw-token', 'X-OpenClaw-Token: a', 'The hook’s token in place of ours.'),
  instead('basic-user', 'X-Forwarded-User: owner', 'A logged-in user in place of a token.'),
  {
    id: 'identity-health-forwarded',
    why: 'Versions are for those who seem to be the machine itself.',
    bytes: request({
      method: 'GET',
      target: '/health',
      lines: ['X-Forwarded-For: 127.0.0.1', 'Tailscale-User-Login: owner@example.com'],
    }),
    expect: [HEALTH],
  },
];

export const IDENTITY_HEADER_ATTACKS: readonly Attack[] = [
  ...forwarded,
  ...tailscale,
  ...openclaw,
  ...plain,
  ...alone,
];
