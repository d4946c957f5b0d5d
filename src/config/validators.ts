import { makeExactValidator } from 'envalid';

/** A variable's value that cannot be used. Says what is wrong and what to do; never quotes the value of a secret. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
  readonly fix: string;

  constructor(what: string, fix: string) {
    super(what);
    this.fix = fix;
  }
}

/** Every validator refuses an empty value: a variable that is set to nothing is more often a mistake than a wish. */
export function validator<T>(parse: (raw: string) => T) {
  return makeExactValidator<T>((raw) => {
    if (raw.trim() === '')
      throw new Unusable('is set but empty', 'Give it a value, or remove it to get the default');
    return parse(raw);
  });
}

/** A whole number from `min` to `max`; `unit` is for the message. */
export function whole(min: number, max: number, unit: string) {
  return validator((raw) => {
    const value = /^\d{1,9}$/.test(raw) ? Number(raw) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new Unusable(`"${raw}" is not ${unit}`, `Use a whole number from ${min} to ${max}`);
  });
}

/** `yes` or `no`, as a person would answer. */
export const yesNo = validator((raw) => {
  if (raw === 'yes' || raw === 'no') return raw === 'yes';
  throw new Unusable(`"${raw}" is neither yes nor no`, 'Use yes or no');
});

export const port = whole(1, 65_535, 'a port');

export const absolutePath = validator((raw) => {
  if (raw.startsWith('/') && !raw.includes('\0')) return raw;
  throw new Unusable(`"${raw}" is not an absolute path`, 'Begin it with "/"');
});

/** Names in `Host`, without ports. */
export const hostNames = validator((raw) => {
  const names = raw.split(',').map((name) => name.trim().toLowerCase());
  const odd = names.find((name) => !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name));
  if (odd === undefined) return names;
  throw new Unusable(`"${odd}" is not a host name`, 'Use names with commas between them, without ports');
});

export const stackName = validator((raw) => {
  if (/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(raw)) return raw;
  throw new Unusable(`"${raw}" is not a name`, 'Use 1 to 63 letters, digits and "-", as in a host name');
});

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const GATEWAY_FIX = 'Use ws://127.0.0.1:<port>: inside the stack the gateway is always on loopback';

/** Plaintext WebSocket on loopback only: the gateway's frames carry the device token. */
export const gatewayUrl = validator((raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  if (url?.protocol !== 'ws:') throw new Unusable('is not a ws:// URL', GATEWAY_FIX);
  if (!LOOPBACK.has(url.hostname)) throw new Unusable(`"${url.hostname}" is not loopback`, GATEWAY_FIX);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Unusable('carries more than host, port and path', GATEWAY_FIX);
  }
  return raw;
});

export const localToken = validator((raw) => {
  if (/^[!-~]{32,512}$/.test(raw)) return raw;
  throw new Unusable(
    'is not a token',
    'Use 32 to 512 characters without blanks, for example from: openssl rand -hex 32',
  );
});
