import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { request as http, type RequestOptions } from 'node:http';
import { request as https } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { NoticeKind } from '../core/notice.ts';
import { isTailnetAddress } from '../core/tailnet-address.ts';
import type { Notice, NoticeWebhook } from '../ports/notices.ts';

export interface WebhookParts {
  /** A secret: who knows the topic of an ntfy server reads along. */
  readonly url: string;
  readonly token: string | null;
  /** Name of this stack, for an owner of several. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly lookup?: LookupFunction;
}

const ON_TAILNET = 'its address is on the tailnet, where no notice is sent';

class OnTailnet extends Error {
  override readonly name = 'OnTailnet';
}

const HEADS: Readonly<Record<NoticeKind, readonly [title: string, priority: string, tag: string]>> = {
  hold: ['a message waits for you', 'default', 'eyes'],
  'budget-spent': ['the loop guard has stopped agents', 'high', 'octagonal_sign'],
  'budget-spent-at-peer': ['the loop guard of a peer has stopped agents', 'default', 'octagonal_sign'],
  expired: ['a message has expired', 'default', 'hourglass'],
  uncertain: ['a message may or may not have been read', 'high', 'question'],
  'peer-away': ['a peer is away', 'default', 'zzz'],
  'credential-ending': ['a credential is near its end', 'high', 'key'],
  'gateway-away': ['the gateway is away', 'high', 'electric_plug'],
};

/** As ntfy reads them. A header is plain ASCII, whatever the machine is called. */
function headersOf({ kind }: Pick<Notice, 'kind'>, body: string, { name, token }: WebhookParts) {
  const [title, priority, tag] = HEADS[kind];
  return {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    title: `agent-peer ${name.replaceAll(/[^ -~]/g, '?')}: ${title}`,
    priority,
    tags: tag,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
}

function addressesOf(found: string | readonly LookupAddress[]): readonly string[] {
  return typeof found === 'string' ? [found] : found.map(({ address }) => address);
}

/** Looks at what a name stands for before anything is connected to, and connects to what it has looked at. */
function guarded(lookup: LookupFunction): LookupFunction {
  return (host, options, done) =>
    lookup(host, options, (error, found, family) => {
      const isOnTailnet = error === null && addressesOf(found).some(isTailnetAddress);
      done(isOnTailnet ? new OnTailnet() : error, found, family);
    });
}

function post(url: URL, options: RequestOptions, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const call = (url.protocol === 'https:' ? https : http)(url, options, (response) => {
    // What it says does not matter, and might never end.
    response.on('error', () => undefined).destroy();
    resolve(response.statusCode ?? 0);
  });
  call.on('error', reject);
  call.end(body);
  return promise;
}

function wordsOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400
    ? `HTTP ${status}: a redirect, which is not followed`
    : `HTTP ${status}`;
}

/** Not the message of the error: it names the host and, for some, the whole URL. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be reached';
}

/** Posts a notice in the form of ntfy: the text is the body, all else is in headers. */
export function createWebhook(parts: WebhookParts): NoticeWebhook {
  const { timeoutMs, lookup = systemLookup } = parts;
  const url = new URL(parts.url);
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  return {
    tell: async (notice, signal) => {
      // A connection to an address asks no resolver.
      if (isTailnetAddress(host)) return ON_TAILNET;
      const late = AbortSignal.timeout(timeoutMs);
      const about = { method: 'POST', agent: false, lookup: guarded(lookup) };
      const headers = headersOf(notice, notice.text, parts);
      try {
        const options = { ...about, headers, signal: AbortSignal.any([signal, late]) };
        return wordsOf(await post(url, options, notice.text));
      } catch (error) {
        if (error instanceof OnTailnet) return ON_TAILNET;
        return late.aborted ? `no answer within ${timeoutMs / 1000} seconds` : codeOf(error);
      }
    },
  };
}
