/** Which addresses are a tailnet's, in every spelling that a URL or a resolver has for one. */
import { expect, it } from 'vitest';
import { isTailnetAddress } from '../../src/core/tailnet-address.ts';

/** As the URL parser writes the host, which knows all odd spellings. */
const hostOf = (url: string) => new URL(url).hostname.replaceAll(/[[\]]/g, '');

it.each([
  '100.64.0.0',
  '100.69.1.2',
  '100.70.0.1',
  '100.99.255.255',
  '100.100.100.100',
  '100.119.0.1',
  '100.127.255.255',
  '::ffff:100.64.0.1',
  '::FFFF:100.64.0.1',
  'fd7a:115c:a1e0::1',
  'FD7A:115C:A1E0:ab12::1',
  hostOf('http://0x64400001/'),
  hostOf('http://1681915905/'),
  hostOf('http://100.64.1/'),
  hostOf('http://[::ffff:100.64.0.1]/'),
  hostOf('http://[::ffff:100.127.255.255]/'),
])('%s is', (address) => {
  expect(isTailnetAddress(address)).toBe(true);
});

it.each([
  '100.63.255.255',
  '100.128.0.0',
  '100.6.4.0',
  '100.640.0.1',
  '10.100.64.1',
  '1100.64.0.1',
  '127.0.0.1',
  '::ffff:100.63.0.1',
  '::ffff:127.0.0.1',
  '::1',
  'fd7a:115c:a1e1::1',
  'fd00::fd7a:115c:a1e0:1',
  '2001:db8::ffff:6440:1',
  hostOf('http://[::ffff:100.63.0.1]/'),
  hostOf('http://[::ffff:100.128.0.1]/'),
  'bob.tail1234.ts.net',
  '100.64.example.com',
  '100.64.0.1.example.com',
])('%s is not', (address) => {
  expect(isTailnetAddress(address)).toBe(false);
});
