/** Reading the machine's own apt sources, in both of their formats, to derive a list for one suite of its main mirror. */

/**
 * @typedef {object} AptSource
 * @property {string[]} uris
 * @property {string[]} suites
 * @property {string[]} components
 * @property {Record<string, string>} options other fields, under their deb822 names (Signed-By, Trusted, …)
 */

/** One-line options that deb822 spells differently. @type {Record<string, string>} */
const OPTION_NAMES = {
  arch: 'Architectures',
  'signed-by': 'Signed-By',
  trusted: 'Trusted',
  'check-valid-until': 'Check-Valid-Until',
};

/**
 * @param {string} text of a .list file
 * @returns {AptSource[]}
 */
export function parseOneLineSources(text) {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/u.exec(line);
    if (!found?.[2] || !found[3]) return [];
    return [
      { uris: [found[2]], suites: [found[3]], components: words(found[4]), options: parseOptions(found[1]) },
    ];
  });
}

/**
 * @param {string} text of a .sources file
 * @returns {AptSource[]}
 */
export function parseDeb822Sources(text) {
  return text.split(/\n\s*\n/u).flatMap((stanza) => {
    const { Types, URIs, Suites, Components, Enabled, ...options } = fieldsOf(stanza);
    const off = /^(no|false|0|off)$/iu.test(Enabled ?? 'yes');
    if (off || !words(Types).includes('deb') || !URIs || !Suites) return [];
    return [{ uris: words(URIs), suites: words(Suites), components: words(Components), options }];
  });
}

/**
 * The mirror of the distribution itself: has the machine's own suite with component main, and is told from a vendor's
 * repository for that suite by carrying the updates suite too, or by its path.
 * @param {AptSource[]} sources
 * @param {string} codename
 * @returns {AptSource | undefined}
 */
export function mainMirror(sources, codename) {
  const updates = new Set(
    sources
      .filter((source) => source.suites.includes(`${codename}-updates`))
      .flatMap((source) => source.uris),
  );
  const scored = sources
    .filter((source) => source.suites.includes(codename) && source.components.includes('main'))
    .map((source) => ({
      source,
      score:
        Number(source.uris.some((uri) => updates.has(uri))) * 2 +
        Number(source.uris.some((uri) => /\/(debian|ubuntu)\/?$/u.test(uri))),
    }))
    .sort((a, b) => b.score - a.score);
  return scored[0]?.source;
}

/**
 * A .sources file for one suite of that mirror.
 * @param {AptSource} mirror
 * @param {string} suite
 * @param {string[]} components
 */
export function sourcesFor(mirror, suite, components) {
  const options = Object.entries(mirror.options).map(([name, value]) => `${name}: ${value}`);
  return [
    'Types: deb',
    `URIs: ${mirror.uris.join(' ')}`,
    `Suites: ${suite}`,
    `Components: ${components.join(' ')}`,
    ...options,
    '',
  ].join('\n');
}

/**
 * Fields of a stanza; a value may go on in lines that begin with a space. Values keep their line breaks (inline keys).
 * @param {string} stanza
 */
function fieldsOf(stanza) {
  /** @type {Record<string, string>} */
  const fields = {};
  let current = '';
  for (const line of stanza.split('\n').filter((each) => !each.startsWith('#'))) {
    const found = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/u.exec(line);
    if (found?.[1] !== undefined) {
      current = found[1];
      fields[current] = found[2] ?? '';
    } else if (current !== '' && /^[ \t]/u.test(line)) {
      fields[current] += `\n${line}`;
    }
  }
  return fields;
}

/** @param {string | undefined} text */
function words(text) {
  return (text ?? '').split(/\s+/u).filter((word) => word !== '');
}

/** @param {string | undefined} text */
function parseOptions(text) {
  const pairs = words(text).map((option) => option.split('='));
  return Object.fromEntries(
    pairs.flatMap(([name, value]) =>
      name && value && OPTION_NAMES[name] ? [[OPTION_NAMES[name], value.replaceAll(',', ' ')]] : [],
    ),
  );
}
