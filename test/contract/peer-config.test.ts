/**
 * The file by which two owners pair by hand. What is written is read back the same, as JSON and out of the Markdown, whatever
 * else a person wrote around it. What is wrong is told with the line or the field, and nothing else is taken for it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alias } from '../../src/core/alias.ts';
import type { NodeId } from '../../src/core/peer.ts';
import { parsePeerConfig, peerConfigMarkdown, urlOf } from '../../src/pairing/peer-config.ts';
import type { PeerConfig } from '../../src/ports/peer-config.ts';
import { propertiesOf } from '../harness/properties.ts';

const node = { nodeId: 'nalice' as NodeId, dnsName: 'alice.lab.internal', ipv4: '100.64.0.1' };
const at = { ipv4: node.ipv4, port: 8080 };
const CONFIG: PeerConfig = {
  format: 1,
  name: 'alice',
  node,
  port: 8080,
  aliases: ['inbox', 'handoff'].map((alias) => ({ alias: alias as Alias, url: urlOf(at, alias as Alias) })),
};
const TEXT = peerConfigMarkdown(CONFIG);

const read = (text: string) => parsePeerConfig(text, 'bob.md');
const wrong = (text: string) => {
  const config = read(text);
  return config.ok ? 'taken' : `${config.problem.where}: ${config.problem.what}`;
};
const without = (key: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(CONFIG).filter(([name]) => name !== key)));

describe('a description of a stack', () => {
  it('has no field but these, and says where to write', () => {
    expect(JSON.parse(/```json\n(.*)\n```/s.exec(TEXT)?.[1] ?? '')).toEqual({
      format: 1,
      name: 'alice',
      node: { nodeId: 'nalice', dnsName: 'alice.lab.internal', ipv4: '100.64.0.1' },
      port: 8080,
      aliases: [
        { alias: 'inbox', url: 'http://100.64.0.1:8080/a2a/v1' },
        { alias: 'handoff', url: 'http://100.64.0.1:8080/a2a/v1/handoff' },
      ],
    });
    expect(TEXT).toContain('- `handoff` at http://100.64.0.1:8080/a2a/v1/handoff');
  });

  it.each([
    ['as JSON', JSON.stringify(CONFIG)],
    ['as Markdown', TEXT],
    ['with the line ends of Windows', TEXT.replaceAll('\n', '\r\n')],
    ['in the middle of a mail', `Hi Bob,\n\n${TEXT}\n\nSee you!\n`],
  ])('is read %s', (_how, text) => {
    expect(read(text)).toEqual({ ok: true, value: CONFIG });
  });

  it.each([
    ['nothing', '', 'bob.md: has no ```json block, and is no JSON'],
    ['another block alone', '```sh\nls\n```', 'bob.md: has no ```json block, and is no JSON'],
    ['a block that does not end', '```json\n{}', 'bob.md: has no ```json block, and is no JSON'],
    ['two blocks', '```json\n{}\n```\n\n```json\n{}\n```', 'bob.md line 5: a second ```json block'],
    ['broken JSON', 'a\n\n```json\n{\n  "format": 1,\n  oops\n}\n```', 'bob.md line 6: no JSON: '],
    ['a field twice', '{"format": 1,\n"format": 1}', 'bob.md line 2: no JSON: duplicate key'],
    ['a later format', JSON.stringify({ ...CONFIG, format: 2 }), 'was written by a newer version'],
    ['no node', without('node'), 'bob.md: node: '],
    ['no aliases', without('aliases'), 'bob.md: aliases: '],
    ['a token in it', JSON.stringify({ ...CONFIG, token: 'apt_x' }), 'bob.md: Unrecognized key: "token"'],
    [
      'an odd node id',
      JSON.stringify({ ...CONFIG, node: { ...node, nodeId: 'a b' } }),
      'node.nodeId: not a tailnet',
    ],
    ['an IPv6 address', JSON.stringify({ ...CONFIG, node: { ...node, ipv4: 'fd7a::1' } }), 'node.ipv4: '],
    [
      'a session key',
      JSON.stringify({ ...CONFIG, aliases: [{ alias: 'a:b', url: '' }] }),
      'aliases.0.alias: not an',
    ],
    ['a port of text', JSON.stringify({ ...CONFIG, port: '8080' }), 'bob.md: port: '],
  ])('is refused with %s', (_what, text, said) => {
    expect(wrong(text)).toContain(said);
  });
});

const property = propertiesOf('the description of a stack');
const configs = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/),
    nodeId: fc.stringMatching(/^[A-Za-z0-9]{1,64}$/),
    dnsName: fc.domain(),
    ipv4: fc.ipV4(),
    port: fc.integer({ min: 1, max: 65_535 }),
    aliases: fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/), { maxLength: 5 }),
  })
  .map(({ name, nodeId, dnsName, ipv4, port, aliases }): PeerConfig => {
    const named = aliases.filter((alias) => alias !== 'any').map((alias) => alias as Alias);
    return {
      format: 1,
      name,
      node: { nodeId: nodeId as NodeId, dnsName, ipv4 },
      port,
      aliases: named.map((alias) => ({ alias, url: urlOf({ ipv4, port }, alias) })),
    };
  });

property(
  'is read as it was written, whichever it is',
  fc.property(configs, (config) => {
    expect(read(peerConfigMarkdown(config))).toEqual({ ok: true, value: config });
  }),
  200,
);
