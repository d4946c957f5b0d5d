/**
 * The description of the loopback API, for whoever makes a client from it.
 *
 * It is made from the routes that are served, and docs/openapi.json is it. Every operation has a name of its own and says
 * who may call it; every reference leads somewhere; every part of a path is a parameter. That each answer is as it says is
 * checked wherever a test asks (test/harness/answer-check.ts).
 */
import { fileURLToPath } from 'node:url';
import { validate, type OpenApi } from '@hyperjump/json-schema/openapi-3-1';
import { describe, expect, it } from 'vitest';
import { ownVersion } from '../../src/version.ts';
import { AGENT, ask, startLocalStack } from '../harness/local-stack.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-roles': readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function served(token?: string): Promise<Document> {
  const { port } = await startLocalStack();
  const answer = await ask(port, '/api/v1/openapi.json', token === undefined ? {} : { token });
  expect(answer.status).toBe(200);
  return answer.json as unknown as Document;
}

const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

function refsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(refsIn)];
}

function lookUp(document: unknown, ref: string): unknown {
  const at = ref.replace('#/', '').split('/');
  return at.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    document,
  );
}

describe('the description', () => {
  it('is OpenAPI 3.1 by the official schema', async () => {
    const schema = 'https://spec.openapis.org/oas/3.1/schema-base';
    const document = (await served()) as unknown as OpenApi;
    expect(await validate(schema, document, 'BASIC')).toEqual({ valid: true });
  });

  it('is what docs/openapi.json says; npm run openapi writes it anew', async () => {
    const document = await served();
    const released = { ...document, info: { ...document.info, version: ownVersion() } };
    const file = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));
    await expect(
      `${JSON.stringify(released, null, 2)}\n`,
      'docs/openapi.json is not what the routes are now: run npm run openapi',
    ).toMatchFileSnapshot(file);
  });

  it('is for both roles, and tells the version of this stack', async () => {
    expect((await served(AGENT)).info.version).toBe('9.9.9');
  });

  it('names each operation once, and says who may call it', async () => {
    const all = operationsOf(await served());
    const names = all.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const forAgents = all.filter(({ operation }) => operation['x-roles'].includes('agent'));
    expect(forAgents.map(({ operation }) => operation.operationId).sort()).toEqual([
      'get-inbox',
      'get-messages-id',
      'get-openapi-json',
      'get-peers',
      'post-messages',
    ]);
  });

  it('has nothing that leads nowhere', async () => {
    const document = await served();
    const refs = refsIn(document);
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) expect(lookUp(document, ref), ref).toBeDefined();
  });

  it('has a parameter for each part of a path that is one', async () => {
    for (const { path, operation } of operationsOf(await served())) {
      const told = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
      expect(told, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });
});
