/**
 * What OpenClaw and ClawHub read of the plugin and the skill before any of it runs: names that are declared are those that
 * are registered, and the skill that the plugin ships is the one that is published.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import plugin from '../../plugin/index.js';
import { TOOLS } from '../../plugin/tools.js';
import { BUDGETS } from '../../src/core/guard.ts';
import { CONFIDENCES, fieldTypes, KINDS } from '../../src/core/kinds.ts';
import { HOP_LIMIT } from '../../src/core/message.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Record<string, unknown>;

const manifest = json('plugin/openclaw.plugin.json');
const properties = (name: string) => TOOLS.find((tool) => tool.name === name)?.parameters.properties ?? {};

describe('the plugin', () => {
  it('registers the tools that it declares, whoever calls', () => {
    let names: readonly string[] = [];
    let tools: readonly object[] = [];
    plugin.register({
      registerTool: (factory, options) => {
        names = options.names;
        tools = factory({});
      },
    });
    expect(manifest['contracts']).toEqual({ tools: names });
    expect(tools.map((tool) => ('name' in tool ? tool.name : null))).toEqual(names);
    for (const tool of tools) expect(tool).toMatchObject({ execute: expect.any(Function) as unknown });
  });

  it('is called one thing in all that names it, and its entry and skill are in it', () => {
    const own = json('plugin/package.json');
    expect([plugin.id, manifest['id']]).toEqual(['agent-peer', 'agent-peer']);
    expect(own['version']).toBe(manifest['version']);
    expect(own).toMatchObject({ type: 'module', openclaw: { extensions: ['./index.js'] } });
    expect([own['dependencies'], own['scripts']]).toEqual([undefined, undefined]);
    for (const path of manifest['skills'] as readonly string[]) {
      expect(existsSync(fileURLToPath(new URL(`../../plugin/${path}`, import.meta.url))), path).toBe(true);
    }
  });

  it('knows the configuration that it reads, and no more', () => {
    expect(manifest['configSchema']).toMatchObject({ additionalProperties: false });
    expect(Object.keys((manifest['configSchema'] as { properties: object }).properties)).toEqual([
      'url',
      'tokenEnv',
    ]);
  });

  it('offers the kinds, fields and limits that the proxy has', () => {
    const send = properties('peer_send') as Record<string, Record<string, unknown>>;
    const fields = new Set(KINDS.flatMap((kind) => fieldTypes(kind).map(([name]) => name)));
    expect(send['kind']?.['enum']).toEqual(KINDS);
    const offered = send['fields']?.['properties'] as Record<string, Record<string, unknown>>;
    expect(new Set(Object.keys(offered))).toEqual(fields);
    expect(offered['confidence']?.['enum']).toEqual(CONFIDENCES);
  });

  it('shows a model what each tool is for in its first sentence', () => {
    for (const { description } of TOOLS) expect(description).toMatch(/^[A-Z][a-z]+ .{20,}?[.:] /);
  });
});

describe('the skill', () => {
  const text = read('skill/SKILL.md');
  const head = parse(/^---\n(.*?)\n---\n/s.exec(text)?.[1] ?? '') as Record<string, unknown>;

  it('is the same in the plugin: copy skill/SKILL.md to plugin/skills/agent-peer/SKILL.md', () => {
    expect(read('plugin/skills/agent-peer/SKILL.md')).toBe(text);
  });

  it('has a name and a line that fit, and declares what it may use without being hidden for want of it', () => {
    expect(head['name']).toMatch(/^[a-z0-9-]{1,64}$/);
    expect(head['name']).toBe('agent-peer');
    expect(String(head['description'])).toMatch(/^[^\n]{20,159}$/);
    expect(head['metadata']).toMatchObject({
      openclaw: {
        requires: { anyBins: expect.arrayContaining(['agent-peer', 'node']) as unknown },
        primaryEnv: 'AGENT_PEER_AGENT_TOKEN',
        envVars: [{ name: 'AGENT_PEER_AGENT_TOKEN', required: false }],
      },
    });
  });

  it('names the tools, kinds, fields and limits that there are', () => {
    for (const { name } of TOOLS) expect(text).toContain(`\`${name}\``);
    for (const kind of KINDS.filter((one) => one !== 'message')) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${kind}\` |`)) ?? '';
      for (const [field] of fieldTypes(kind)) expect(row).toContain(`\`${field}\``);
    }
    expect(text).toContain(`${BUDGETS.turnsPerHour} turns an hour and ${BUDGETS.turnsPerDay} a day`);
    expect(text).toContain(`at most ${HOP_LIMIT} machines`);
  });
});
