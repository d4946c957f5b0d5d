import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clearDeadSocket, isStalePid, livesOrIsCleared } from '../../setup/process-files.mjs';

const NOBODY = (): undefined => undefined;

describe('isStalePid', () => {
  test('not while the program runs', () => {
    expect(isStalePid('4711\n', 'dockerd', () => 'dockerd')).toBe(false);
  });

  test('when the process is gone', () => {
    expect(isStalePid('4711', 'dockerd', NOBODY)).toBe(true);
  });

  test('when the number belongs to another program now', () => {
    expect(isStalePid('4711', 'dockerd', () => 'sshd')).toBe(true);
  });

  test.each(['', '0', '-1', 'garbage', '1.5'])('when the file says "%s"', (content) => {
    expect(isStalePid(content, 'dockerd', () => 'dockerd')).toBe(true);
  });
});

describe('leftover files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pid-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('a stale pid file is removed', () => {
    const file = join(folder, 'docker.pid');
    writeFileSync(file, String(2 ** 30));
    expect(livesOrIsCleared(file, 'dockerd')).toBe(false);
    expect(existsSync(file)).toBe(false);
  });

  test('a missing pid file is no running program', () => {
    expect(livesOrIsCleared(join(folder, 'none'), 'dockerd')).toBe(false);
  });

  test('a socket that nobody listens on is removed, one in use stays', async () => {
    const dead = join(folder, 'dead.sock');
    const live = join(folder, 'live.sock');
    writeFileSync(dead, '');
    const server = createServer().listen(live);
    await new Promise((resolve) => server.once('listening', resolve));
    await Promise.all([clearDeadSocket(dead), clearDeadSocket(live), clearDeadSocket(join(folder, 'none'))]);
    expect([existsSync(dead), existsSync(live)]).toEqual([false, true]);
    server.close();
  });
});
