import type { Content } from './content.ts';

/** No letter or digit stands before it: a word of prose that ends in such letters is none. */
const START = '(?<![A-Za-z0-9_-])';

const token = (form: string) => new RegExp(`${START}(?:${form})`);

/**
 * What is a secret by its form, and what to call it. Only forms that their makers chose so that they are found; nothing is
 * guessed by how random it looks, since a warning that is often wrong is soon not read.
 */
const FORMS: readonly (readonly [name: string, form: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/],
  ['a private key of age', token('AGE-SECRET-KEY-1[0-9A-Z]{20,}')],
  ['a token of agent-peer', token('ap[oa]_[A-Za-z0-9_-]{40,}')],
  ["a peer's token of agent-peer", token('apt_[A-Za-z0-9_-]{40,}')],
  ['an invite code of agent-peer', token('AP1-[A-Za-z0-9-]{30,}')],
  ['a key of Tailscale', token('tskey-[a-z]+-[A-Za-z0-9]{6,}')],
  ['a token of GitHub', token('gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}')],
  ['a token of GitLab', token('glpat-[A-Za-z0-9_-]{20,}')],
  ['an API key that begins with sk-', token('sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}')],
  ['a key of Stripe', token('[sr]k_live_[A-Za-z0-9]{16,}')],
  ['an access key of AWS', token('(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])')],
  ['an API key of Google', token('AIza[A-Za-z0-9_-]{35}')],
  ['a token of Slack', token('xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}')],
  ['a token of npm', token('npm_[A-Za-z0-9]{36}')],
  ['a JSON Web Token', token('eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{16,}')],
];

/** Everything in a message that its writer wrote. */
function textsOf(text: string, { fields, context }: Content): readonly string[] {
  return [
    text,
    ...Object.values(fields).map(String),
    ...context.map((part) => (part.type === 'text' ? part.text : JSON.stringify(part.value))),
  ];
}

/** What a message seems to give away, by names alone: the words themselves are repeated nowhere. */
export function secretsIn(text: string, content: Content): readonly string[] {
  const texts = textsOf(text, content);
  return FORMS.filter(([, form]) => texts.some((one) => form.test(one))).map(([name]) => name);
}

/** The same as sentences for whoever wants it sent. */
export function secretWarnings(text: string, content: Content): readonly string[] {
  return secretsIn(text, content).map(
    (name) => `The message has what looks like ${name} in it. Your human may want to know, and to change it`,
  );
}
