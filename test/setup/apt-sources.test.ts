import { describe, expect, test } from 'vitest';
import { mainMirror, parseDeb822Sources, parseOneLineSources, sourcesFor } from '../../setup/apt-sources.mjs';

const DEB822 = `# the archive
Types: deb
# a comment between fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
Components: main
`;

const ONE_LINE = `# deb http://commented.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/usr/share/keyrings/archive.gpg] https://mirror.example/debian bookworm main contrib # archive
deb https://mirror.example/debian bookworm-updates main
deb-src https://mirror.example/debian bookworm main
`;

describe('deb822 sources', () => {
  test('each enabled binary stanza is an entry', () => {
    const sources = parseDeb822Sources(DEB822);
    expect(sources.map(({ uris }) => uris)).toEqual([
      ['http://mirror.example/debian'],
      ['http://mirror.example/debian-security'],
    ]);
    expect(sources[0]).toMatchObject({
      suites: ['bookworm', 'bookworm-updates'],
      components: ['main', 'contrib'],
      options: { 'Signed-By': '/usr/share/keyrings/archive.gpg' },
    });
  });

  test('an inline key keeps its lines', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQIN\n -----END PGP PUBLIC KEY BLOCK-----';
    const stanza = `Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:${key}\n`;
    const [source] = parseDeb822Sources(stanza);
    expect(source?.options['Signed-By']).toBe(key);
    expect(source && parseDeb822Sources(sourcesFor(source, 'trixie', ['main']))[0]?.options).toEqual(
      source?.options,
    );
  });
});

describe('one-line sources', () => {
  test('options, comments and source lines', () => {
    expect(parseOneLineSources(ONE_LINE)).toEqual([
      {
        uris: ['https://mirror.example/debian'],
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        options: { Architectures: 'amd64 arm64', 'Signed-By': '/usr/share/keyrings/archive.gpg' },
      },
      {
        uris: ['https://mirror.example/debian'],
        suites: ['bookworm-updates'],
        components: ['main'],
        options: {},
      },
    ]);
  });
});

describe('mainMirror', () => {
  test("a vendor's repository for the same suite is not taken for it", () => {
    const vendor = parseOneLineSources('deb https://vendor.example/prod bookworm main\n');
    const mirror = mainMirror([...vendor, ...parseDeb822Sources(DEB822)], 'bookworm');
    expect(mirror?.uris).toEqual(['http://mirror.example/debian']);
  });

  test('a mirror with suites on lines of their own', () => {
    expect(mainMirror(parseOneLineSources(ONE_LINE), 'bookworm')?.uris).toEqual([
      'https://mirror.example/debian',
    ]);
  });

  test('none for another release', () => {
    expect(mainMirror(parseDeb822Sources(DEB822), 'bullseye')).toBeUndefined();
  });
});

test('sourcesFor keeps the key and changes the suite', () => {
  const mirror = mainMirror(parseDeb822Sources(DEB822), 'bookworm');
  expect(mirror && sourcesFor(mirror, 'trixie', ['main'])).toBe(
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/archive.gpg\n',
  );
});
