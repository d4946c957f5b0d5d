/**
 * The audit log on a real disk.
 *
 * Every decision is one line of JSON in audit.jsonl, readable by its owner alone, and the same line in the operator
 * log. Its files are bounded, whatever peers and strangers do: they rotate, and floods of refusals are counted. A line
 * holds what was decided and never a text; nothing that a peer chose can break it, lengthen it or make up another one.
 * A disk that fails stops nobody and is told once; a kill in the middle of a line costs that line alone, and is told.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createAuditLog, type AuditLogOptions } from '../../src/audit/audit-log.ts';
import type { NodeId, PeerName } from '../../src/core/peer.ts';
import { createLog } from '../../src/log.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import { createFakeClock } from '../harness/fake-clock.ts';
import { createMemoryLog } from '../harness/memory-log.ts';
import { tempFolder } from '../harness/temp-folder.ts';

const MINUTE = 60_000;
const ALL = { limit: 10_000 };

const accepted: AuditEntry = {
  direction: 'inbound',
  surface: 'a2a',
  operation: 'message-send',
  allowed: true,
  reason: 'accepted',
  peer: 'bob' as PeerName,
  nodeId: 'nbob' as NodeId,
  alias: 'handoff',
  messageId: 'm-1',
  textDigest: createHash('sha256').update('hello').digest('hex'),
};
const refused: AuditEntry = {
  ...accepted,
  operation: 'unknown',
  allowed: false,
  reason: 'token-unknown',
  peer: null,
  nodeId: 'nmallory' as NodeId,
  messageId: null,
  textDigest: null,
};

function openAudit(limits: AuditLogOptions['limits'] = {}, dataDir = tempFolder()) {
  const clock = createFakeClock();
  const log = createMemoryLog();
  const audit = createAuditLog({ dataDir, log, clock, limits });
  const file = join(dataDir, 'audit.jsonl');
  const events = (name: string) => log.events.filter(([event]) => event === name);
  return { audit, clock, log, dataDir, file, events };
}

const linesIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const bytesIn = (dataDir: string) =>
  readdirSync(dataDir).reduce((sum, name) => sum + statSync(join(dataDir, name)).size, 0);

describe('a decision', () => {
  it('is one line in the file and the same line in the operator log', () => {
    const { audit, clock, dataDir, file } = openAudit();
    const printed: string[] = [];
    const log = createLog(
      (line) => void printed.push(line),
      () => clock.now(),
    );
    createAuditLog({ dataDir, log, clock }).record(accepted);
    const time = new Date(clock.now()).toISOString();
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify({ time, ...accepted, skipped: 0 })}\n`);
    expect(JSON.parse(printed.join(''))).toEqual({
      level: 'info',
      event: 'decision',
      ...linesIn(file)[0],
    });
    expect(audit.read(ALL)).toEqual(linesIn(file));
  });

  it('can be read by the owner of the file alone, also in one that was left open to others', () => {
    const { audit, file } = openAudit();
    writeFileSync(file, '', { mode: 0o644 });
    chmodSync(file, 0o644);
    audit.record(accepted);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('carries no more than its fields, whatever else is on it', () => {
    const { audit, file, log } = openAudit();
    const careless = { ...accepted, text: 'the secret plan', token: 'apt_secret' };
    audit.record(careless);
    expect(readFileSync(file, 'utf8') + log.text()).not.toContain('secret');
  });

  it.each([
    ['a line break', 'm\n{"time":"2026-01-01T00:00:00.000Z","allowed":true}'],
    ['a quote', 'm","allowed":true,"peer":"alice'],
    ['escape sequences', 'm\u001b[2J\u0007\u009b0m'],
    ['letters that turn the reading direction', 'm\u202egnp.exe\u2066'],
    ['line separators', 'm\u2028\u2029\u0085'],
    ['half a character', 'm\ud800'],
  ])('of a peer that names things with %s stays one plain line', (_what, hostile) => {
    const { audit, file, log } = openAudit();
    audit.record({ ...accepted, messageId: hostile, alias: hostile });
    audit.record(accepted);
    const [first, second, ...more] = linesIn(file);
    expect([second?.['messageId'], more]).toEqual(['m-1', []]);
    expect(first).toMatchObject({ allowed: true, peer: 'bob' });
    expect(String(first?.['messageId'])).toMatch(/^m[\x20-\x7e]+$/);
    expect(log.text()).toMatch(/^[\x20-\x7e]+$/);
    expect(audit.read(ALL)).toHaveLength(2);
  });

  it('keeps the longest valid id whole, and no more of a longer one', () => {
    const { audit, file } = openAudit();
    const longest = 'x'.repeat(128);
    for (const messageId of [longest, `${longest}y`, '\u0000'.repeat(1_000_000)]) {
      audit.record({ ...accepted, messageId });
    }
    const [whole, cut, zeros] = linesIn(file).map((line) => String(line['messageId']));
    expect([whole, cut]).toEqual([longest, `${'x'.repeat(127)}~`]);
    expect(zeros).toHaveLength(128);
  });
});

describe('a flood', () => {
  it('of 100,000 refusals by one stranger leaves a few lines, and the number', () => {
    const { audit, clock, dataDir, log } = openAudit();
    for (let n = 0; n < 100_000; n += 1) audit.record({ ...refused, alias: `a${n}`, messageId: `m${n}` });
    clock.advance(MINUTE);
    audit.record(accepted);
    const lines = audit.read(ALL);
    expect(lines.map(({ reason, skipped }) => [reason, skipped])).toEqual([
      ['accepted', 0],
      ['token-unknown', 99_994],
      ...Array.from({ length: 5 }, () => ['token-unknown', 0]),
    ]);
    expect(bytesIn(dataDir)).toBeLessThan(4096);
    expect(log.text().length).toBeLessThan(8192);
  });

  it('of 100,000 that all look different leaves at most sixty lines a minute', () => {
    const { audit, clock, dataDir } = openAudit();
    const minutes = 10;
    for (let n = 0; n < 100_000; n += 1) {
      if (n % 10_000 === 0) clock.advance(MINUTE);
      audit.record({ ...refused, nodeId: `n${n}` as NodeId, reason: `r${n % 7}` });
    }
    audit.close();
    const lines = audit.read(ALL);
    expect(lines.length).toBeLessThanOrEqual(60 * (minutes + 1));
    expect(bytesIn(dataDir)).toBeLessThan(60 * (minutes + 1) * 512);
    expect(lines.reduce((sum, { skipped }) => sum + 1 + skipped, 0)).toBe(100_000);
    const several = lines.filter(({ reason }) => reason === 'several');
    expect(several.map(({ peer, nodeId }) => [peer, nodeId])).toEqual(several.map(() => [null, null]));
    expect(several.length).toBeGreaterThan(0);
  });

  it('does not hide what a peer was allowed or refused in the same minute', () => {
    const { audit } = openAudit();
    for (let n = 0; n < 20_000; n += 1) audit.record({ ...refused, nodeId: `n${n}` as NodeId });
    audit.record(accepted);
    audit.record({ ...accepted, allowed: false, reason: 'alias-not-granted' });
    expect(audit.read({ ...ALL, peer: 'bob' }).map(({ reason }) => reason)).toEqual([
      'alias-not-granted',
      'accepted',
    ]);
  });

  it('is told when the log is read after it, and when the proxy stops during it', () => {
    const { audit, clock } = openAudit();
    for (let n = 0; n < 10; n += 1) audit.record(refused);
    expect(audit.read(ALL)).toHaveLength(5);
    clock.advance(MINUTE);
    expect(audit.read(ALL)[0]).toMatchObject({ reason: 'token-unknown', skipped: 4 });
    for (let n = 0; n < 10; n += 1) audit.record(refused);
    audit.close();
    expect(audit.read(ALL)[0]).toMatchObject({ reason: 'token-unknown', skipped: 4 });
  });
});

describe('the files', () => {
  const small = { bytes: 2000, files: 3 };
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ ...accepted, messageId: `m-${n}` }));

  it('rotate by size, keep a set number, and are read as one log', () => {
    const { audit, dataDir } = openAudit(small);
    for (const entry of many(100)) audit.record(entry);
    expect(readdirSync(dataDir).sort()).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.jsonl']);
    for (const name of readdirSync(dataDir)) {
      const { size, mode } = statSync(join(dataDir, name));
      expect([size <= small.bytes, mode & 0o777], name).toEqual([true, 0o600]);
    }
    const ids = audit.read(ALL).map(({ messageId }) => messageId);
    expect(ids.length).toBeGreaterThan(10);
    expect(ids).toEqual(ids.map((_, index) => `m-${99 - index}`));
  });

  it('go on after a restart where they were', () => {
    const { audit, dataDir } = openAudit(small);
    for (const entry of many(7)) audit.record(entry);
    const again = openAudit(small, dataDir).audit;
    again.record({ ...accepted, messageId: 'after' });
    expect(again.read(ALL).map(({ messageId }) => messageId)).toEqual([
      'after',
      ...many(7)
        .map(({ messageId }) => messageId)
        .reverse(),
    ]);
  });

  it('may have a gap, as a kill in the middle of a rotation leaves', () => {
    const { audit, dataDir } = openAudit(small);
    for (const entry of many(100)) audit.record(entry);
    const before = audit.read(ALL).length;
    const middle = linesIn(join(dataDir, 'audit.1.jsonl')).length;
    rmSync(join(dataDir, 'audit.1.jsonl'));
    expect(audit.read(ALL)).toHaveLength(before - middle);
    for (const entry of many(100)) audit.record(entry);
    expect(readdirSync(dataDir).sort()).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.jsonl']);
  });

  it('may be moved away while the proxy runs', () => {
    const { audit, dataDir, file, events } = openAudit();
    audit.record(accepted);
    renameSync(file, join(dataDir, 'kept-elsewhere.jsonl'));
    audit.record({ ...accepted, messageId: 'm-2' });
    expect(linesIn(file).map(({ messageId }) => messageId)).toEqual(['m-2']);
    expect(events('audit-not-written')).toEqual([]);
  });
});

describe('a disk that fails', () => {
  /** A folder in the file's place: it fails for every user, root included. */
  const block = (file: string) => mkdirSync(file);

  it('stops nobody, is told once, and once more when it works again', () => {
    const { audit, file, events } = openAudit();
    block(file);
    for (let n = 0; n < 50; n += 1) audit.record({ ...accepted, messageId: `m-${n}` });
    expect(events('decision')).toHaveLength(50);
    expect(events('audit-not-written')).toEqual([
      ['audit-not-written', { error: expect.stringContaining('EISDIR') as string }],
    ]);
    rmSync(file, { recursive: true });
    audit.record(accepted);
    audit.record(accepted);
    expect(events('audit-written-again')).toEqual([['audit-written-again', { lost: 50 }]]);
    expect(linesIn(file)).toHaveLength(2);
    rmSync(file);
    block(file);
    audit.record(accepted);
    expect(events('audit-not-written')).toHaveLength(2);
  });

  it('leaves half a line, which does not take the next one with it', () => {
    const { audit, dataDir, file } = openAudit();
    audit.record(accepted);
    appendFileSync(file, '{"time":"2026-');
    renameSync(file, join(dataDir, 'aside'));
    block(file);
    audit.record({ ...accepted, messageId: 'lost' });
    rmSync(file, { recursive: true });
    renameSync(join(dataDir, 'aside'), file);
    audit.record({ ...accepted, messageId: 'm-2' });
    expect(audit.read(ALL).map(({ messageId }) => messageId)).toEqual(['m-2', 'm-1']);
  });

  it('is the same for a data folder that is gone', () => {
    const { audit, dataDir, events } = openAudit();
    rmSync(dataDir, { recursive: true });
    audit.record(accepted);
    audit.record(accepted);
    expect(events('audit-not-written')).toHaveLength(1);
    expect(existsSync(dataDir)).toBe(false);
    expect(audit.read(ALL)).toEqual([]);
  });

  it('that is full in the middle of a line takes that line alone', () => {
    const { audit, dataDir } = openAudit();
    const script = fileURLToPath(new URL('../harness/audit-child.ts', import.meta.url));
    // The shell's limit on the size of a file, 64 blocks, cuts the write that reaches it, as a full disk does.
    const full = 'ulimit -f 64; exec "$0" "$@"';
    const told = execFileSync('/bin/sh', ['-c', full, process.execPath, script, dataDir, '1000']);
    expect(JSON.parse(told.toString())).toEqual([
      ['audit-not-written', { error: expect.stringContaining('EFBIG') as string }],
    ]);
    audit.record({ ...accepted, messageId: 'after' });
    const ids = audit.read(ALL).map(({ messageId }) => messageId);
    expect(ids[0]).toBe('after');
    expect(ids.length).toBeGreaterThan(50);
    expect(ids.slice(1)).toEqual(ids.slice(1).map((_, index, all) => `child-${all.length - 1 - index}`));
  });

  it('lets no file grow past its size when it cannot be rotated', () => {
    const { audit, dataDir, file, events } = openAudit({ bytes: 2000, files: 2 });
    mkdirSync(join(dataDir, 'audit.1.jsonl'));
    for (let n = 0; n < 100; n += 1) audit.record(accepted);
    expect(statSync(file).size).toBeLessThanOrEqual(2000);
    expect(events('audit-not-written')).toHaveLength(1);
  });

  it('is told to who wants to read', () => {
    const { audit, file } = openAudit();
    block(file);
    expect(() => audit.read(ALL)).toThrow(
      expect.objectContaining({
        code: 'storage-unavailable',
        message: expect.stringContaining('EISDIR') as string,
      }),
    );
  });
});

describe('a damaged line', () => {
  it('that a kill tore costs itself alone, and is told', () => {
    const { audit, file, dataDir } = openAudit();
    audit.record(accepted);
    appendFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
    const after = openAudit({}, dataDir);
    after.audit.record({ ...accepted, messageId: 'm-2' });
    expect(after.audit.read(ALL).map(({ messageId }) => messageId)).toEqual(['m-2', 'm-1']);
    expect(after.events('audit-lines-damaged')).toEqual([['audit-lines-damaged', { lines: 1 }]]);
  });

  it('at the very end is passed over while nothing follows it', () => {
    const { audit, file, events } = openAudit();
    audit.record(accepted);
    appendFileSync(file, '{"time":"2026-');
    expect(audit.read(ALL)).toHaveLength(1);
    expect(audit.read(ALL)).toHaveLength(1);
    expect(events('audit-lines-damaged')).toHaveLength(1);
  });

  it('is told too when only some lines are asked for', () => {
    const { audit, file, events } = openAudit();
    audit.record(accepted);
    appendFileSync(file, '{"time":"2026-');
    expect(audit.read({ ...ALL, peer: 'bob' })).toHaveLength(1);
    expect(events('audit-lines-damaged')).toHaveLength(1);
  });

  it.each([
    ['zeros', '\0'.repeat(4096)],
    ['JSON of something else', '{"hello":"world"}'],
    ['a field of another type', '{"time":1}'],
    ['a list', '[1,2]'],
    ['a line without end', 'x'.repeat(300_000)],
    ['bytes that are no text', '\ud800\ufffd'],
  ])('of %s is passed over, and told', (_what, damage) => {
    const { audit, file, events } = openAudit();
    audit.record(accepted);
    appendFileSync(file, `${damage}\n`);
    audit.record({ ...accepted, messageId: 'm-2' });
    expect(audit.read(ALL).map(({ messageId }) => messageId)).toEqual(['m-2', 'm-1']);
    expect(events('audit-lines-damaged')).toEqual([['audit-lines-damaged', { lines: 1 }]]);
  });
});

describe('reading', () => {
  it('filters by each field, and by all together', () => {
    const { audit, clock } = openAudit();
    const start = clock.now();
    audit.record(accepted);
    clock.advance(1000);
    audit.record({ ...accepted, peer: 'carol' as PeerName, messageId: 'm-2' });
    clock.advance(1000);
    audit.record({ ...accepted, allowed: false, reason: 'alias-not-granted', messageId: 'm-3' });
    const ids = (filter: object) => audit.read({ ...ALL, ...filter }).map(({ messageId }) => messageId);
    expect(ids({})).toEqual(['m-3', 'm-2', 'm-1']);
    expect(ids({ peer: 'bob' })).toEqual(['m-3', 'm-1']);
    expect(ids({ allowed: false })).toEqual(['m-3']);
    expect(ids({ allowed: true })).toEqual(['m-2', 'm-1']);
    expect(ids({ reason: 'accepted' })).toEqual(['m-2', 'm-1']);
    expect(ids({ messageId: 'm-2' })).toEqual(['m-2']);
    expect(ids({ since: start + 1000 })).toEqual(['m-3', 'm-2']);
    expect(ids({ since: start + 1001 })).toEqual(['m-3']);
    expect(ids({ limit: 2 })).toEqual(['m-3', 'm-2']);
    expect(ids({ peer: 'bob', allowed: true, since: start })).toEqual(['m-1']);
    expect(ids({ peer: 'nobody' })).toEqual([]);
  });

  it('is not fooled by an id that looks like another field', () => {
    const { audit } = openAudit();
    audit.record({ ...accepted, peer: 'carol' as PeerName, messageId: '","peer":"bob"' });
    expect(audit.read({ ...ALL, peer: 'bob' })).toEqual([]);
  });

  it('finds every line, wherever the pieces that it reads begin', () => {
    const { audit } = openAudit();
    const ids = Array.from({ length: 2000 }, (_, n) => 'x'.repeat(1 + (n % 97)) + String(n));
    for (const messageId of ids) audit.record({ ...accepted, messageId });
    expect(audit.read(ALL).map(({ messageId }) => messageId)).toEqual(ids.reverse());
  });

  it('is empty before anything was decided', () => {
    expect(openAudit().audit.read(ALL)).toEqual([]);
  });
});
