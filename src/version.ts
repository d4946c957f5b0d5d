import { readFileSync } from 'node:fs';

/** This program's version, from the package.json that stands beside both `src` and `dist`. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
