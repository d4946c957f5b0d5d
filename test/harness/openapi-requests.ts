import fc from 'fast-check';
import { AGENT, OWNER, type Asking } from './local-stack.ts';
import { anyText, spoiled, valueOf, type ValueSchema, type Words } from './schema-values.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: ValueSchema;
}

interface Operation {
  readonly operationId: string;
  readonly 'x-roles': readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: ValueSchema } };
  };
}

export interface Described {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export function operationsOf({ paths }: ApiDescription): readonly Described[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

export interface Tried {
  readonly target: string;
  readonly asking: Asking;
}

const encode = (raw: unknown) => encodeURIComponent(String(raw).toWellFormed());

function targets({ path, operation }: Described, words: Words): fc.Arbitrary<string> {
  const parameters = operation.parameters ?? [];
  const parts = parameters
    .filter((one) => one.in === 'path')
    .map(({ name, schema }) => {
      const told = fc.oneof(
        { weight: 4, arbitrary: valueOf(schema, words, name) },
        { weight: 1, arbitrary: anyText },
      );
      return told.map((value) => [`{${name}}`, encode(value) || '%20'] as const);
    });
  const queries = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, required, schema }) => {
      const right = valueOf(schema, words, name).map((value) => [`${name}=${encode(value)}`]);
      const wrong =
        name === 'waitSeconds'
          ? fc.constant(['waitSeconds=x'])
          : anyText.map((text) => [`${name}=${encode(text)}`]);
      const twice = fc.constant([`${name}=1`, `${name}=2`]);
      const left = fc.constant<string[]>([]);
      return fc.oneof(
        { weight: 5, arbitrary: right },
        { weight: 1, arbitrary: wrong },
        { weight: required ? 1 : 4, arbitrary: left },
        { weight: 1, arbitrary: name === 'waitSeconds' ? left : twice },
      );
    });
  const odd = fc.oneof(
    { weight: 12, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.constantFrom(['unknown=1'], ['%ff=%zz'], ['__proto__=1'], ['a[b]=1']) },
  );
  return fc.tuple(fc.tuple(...parts), fc.tuple(...queries), odd).map(([named, asked, more]) => {
    const filled = named.reduce((whole, [slot, value]) => whole.replace(slot, () => value), path);
    const query = [...asked.flat(), ...more].join('&');
    return query === '' ? filled : `${filled}?${query}`;
  });
}

const JSON_TYPE = 'application/json';

/** Bodies that no schema can say anything of. */
const BROKEN: readonly Asking[] = [
  { body: '{"peer": ' },
  { body: '' },
  { body: 'null' },
  { body: '[]' },
  { body: '{"peer":"bob","peer":"bob"}' },
  { body: '{"waitSeconds":1e999}' },
  { body: `${'['.repeat(5000)}${']'.repeat(5000)}` },
  { body: `"${'x'.repeat(300 * 1024)}"` },
  { body: Buffer.from([0xff, 0xfe, 0x7b, 0x7d]) },
  { body: Buffer.from('\ufeff{}') },
  { body: '{}', headers: { 'content-type': 'text/plain' } },
  { body: '{}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  { body: '{}', headers: { 'content-type': '' } },
  { body: '{}', headers: { 'content-type': `${JSON_TYPE}; charset=utf-16` } },
  { body: '{}', headers: { 'content-encoding': 'gzip' } },
];

function bodies({ operation: { requestBody } }: Described, words: Words): fc.Arbitrary<Asking> {
  const none = fc.constant<Asking>({});
  const broken = fc.constantFrom(...BROKEN);
  if (requestBody === undefined)
    return fc.oneof({ weight: 6, arbitrary: none }, { weight: 1, arbitrary: broken });
  const right = valueOf(requestBody.content[JSON_TYPE].schema, words);
  const json = (value: unknown): Asking => ({ body: JSON.stringify(value) });
  return fc.oneof(
    { weight: 8, arbitrary: right.map(json) },
    { weight: 6, arbitrary: right.chain(spoiled).map(json) },
    { weight: 2, arbitrary: broken },
    { weight: requestBody.required ? 1 : 3, arbitrary: none },
  );
}

const callers = fc.oneof(
  { weight: 8, arbitrary: fc.constant(OWNER) },
  { weight: 3, arbitrary: fc.constant(AGENT) },
  { weight: 1, arbitrary: fc.constantFrom(null, '', 'x', `${OWNER}x`) },
);

/** Requests for one operation as its description has them, and nearly so. */
export function requestsOf(described: Described, words: Words): fc.Arbitrary<Tried> {
  return fc
    .tuple(targets(described, words), bodies(described, words), callers)
    .map(([target, asking, token]) => ({ target, asking: { ...asking, method: described.method, token } }));
}
