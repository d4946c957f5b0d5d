import { parseSessionKey } from '../core/session-key.ts';
import { isTailnetAddress } from '../core/tailnet-address.ts';
import { Unusable, validator } from './validators.ts';

const URL_FIX =
  'Use https://<host>/<path>, for example that of an ntfy topic; a token goes into AGENT_PEER_NOTICE_TOKEN';

/** A secret, since who knows it may read or write there: no problem quotes a part of it. */
export const noticeUrl = validator((raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Unusable('is not an http:// or https:// URL', URL_FIX);
  if (url.username !== '' || url.password !== '')
    throw new Unusable('has a user or a password in it', URL_FIX);
  if (url.hash !== '') throw new Unusable('has a part behind "#", which no server would see', URL_FIX);
  if (isTailnetAddress(url.hostname.replaceAll(/[[\]]/g, '')))
    throw new Unusable('is an address on the tailnet, where no notice is sent', URL_FIX);
  return raw;
});

export const noticeToken = validator((raw) => {
  if (/^[!-~]{1,512}$/.test(raw)) return raw;
  throw new Unusable(
    'is not a token',
    'Use the one that the server gave you: up to 512 characters without blanks',
  );
});

/** The owner's own session, of whatever kind: that it stands here is the owner's word for it. */
export const ownSession = validator((raw) => {
  const key = parseSessionKey(raw, '', { special: true });
  if (key.ok) return key.value;
  throw new Unusable(
    key.problem.what,
    'Use a key that `agent-peer sessions` shows, for example agent:main:main',
  );
});
