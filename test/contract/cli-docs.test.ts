/**
 * docs/cli.md, held against what it is about: every command with every option that it has and no other, and every request of
 * the loopback API with who may make it and what it takes.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { helpOfVerbs } from '../harness/cli-help.ts';

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../docs/${path}`, import.meta.url)), 'utf8');
const PAGE = read('cli.md');
const wordsIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word = '']) => word);

/** Of every command; and fields of kinds of messages, which have a table of their own. */
const ELSEWHERE = ['--help', '--json', '--quiet'];
const FIELDS = wordsIn(
  PAGE.slice(PAGE.indexOf('| kind | options |')).split('\n\n')[0] ?? '',
  /`(--[a-z-]+)/g,
);

it('tells of every command its options, and no other', async () => {
  const headings = wordsIn(PAGE, /^### (.*)$/gm).map((heading) => heading.replaceAll('\\', ''));
  const told = (name: string) => {
    const own = headings.filter((one) => `${one.replace('[list]', 'list')} `.startsWith(`${name} `));
    const fields = own.some((one) => one.includes('[<field>...]')) ? FIELDS : [];
    return own.length === 0 ? 'nothing' : [...own.flatMap((one) => wordsIn(one, /(--[a-z-]+)/g)), ...fields];
  };
  const sorted = (all: readonly string[]) => [...new Set(all)].sort();
  for (const { name, options } of await helpOfVerbs()) {
    const about = told(name);
    expect([name, typeof about === 'string' ? about : sorted(about)]).toEqual([
      name,
      sorted(options.filter((one) => !ELSEWHERE.includes(one))),
    ]);
  }
});

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly 'x-roles': readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}
const { paths } = JSON.parse(read('openapi.json')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

it('tells of every request who may make it and what it takes', () => {
  const rows = [...PAGE.matchAll(/^\| `([A-Z]+) ([^`?]*)(?:\?([^`]*))?`(?: `([^`]*)`)? \| ([^|]*) \|/gm)];
  const rowOf = (method: string, path: string) =>
    rows.find(([, verb, target = '']) => verb === method && target.replaceAll(/:(\w+)/g, '{$1}') === path);
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      const [, , , query = '', body = '', who = ''] = rowOf(method.toUpperCase(), path) ?? [];
      const roles = operation['x-roles'].join(', ');
      if (roles !== '') expect([name, who]).toEqual([name, roles]);
      const asked = (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name);
      expect([name, wordsIn(query, /(\w+)=/g).sort()]).toEqual([name, asked.sort()]);
      const fields = Object.keys(operation.requestBody?.content['application/json'].schema.properties ?? {});
      expect([name, fields.filter((field) => !body.includes(field))]).toEqual([name, []]);
    }
});
