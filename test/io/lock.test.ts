import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';
import { FileLock } from '../../src/io/lock.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { bundleProgram } from '../support/bundle.ts';
import { endChild } from '../support/child-process.ts';
import { treeOf, withUmask } from '../support/modes.ts';

const never = new AbortController().signal;
let folder: string;
let program: string;
let stateDir: string;
let log: FakeLog;
const holders: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanacme-lock-'));
  program = await bundleProgram('lock-holder', folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  stateDir = join(await mkdtemp(join(folder, 'test-')), 'state');
  log = new FakeLog();
});
afterEach(async () => {
  await Promise.all(
    holders.splice(0).map(async (holder) => {
      await endChild(holder);
    }),
  );
});

const lockOf = (timeoutMs: number) =>
  new FileLock({ stateDir, timeoutMs, command: 'lanacme issue', clock: new FakeClock(), log });

/** Another process that holds the lock, or waits for it. */
async function startHolder(timeoutMs = 0): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [program, stateDir, String(timeoutMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holders.push(holder);
  await once(holder, 'spawn');
  return holder;
}

async function held(holder: ChildProcess): Promise<void> {
  await says(holder, 'held\n');
}

async function says(holder: ChildProcess, words: string): Promise<void> {
  const [said] = (await once(holder.stdout!, 'data')) as [Buffer];
  expect(said.toString()).toBe(words);
}

describe('the lock', () => {
  it('makes the state folder, and tells in its file whose it is', async () => {
    const release = await lockOf(0).acquire(never);
    expect(await readFile(join(stateDir, 'lock'), 'utf8')).toBe(
      `process ${process.pid} (lanacme issue) since 2026-11-22T12:00:00Z\n`,
    );
    await release();
    expect(await readFile(join(stateDir, 'lock'), 'utf8')).toBe('');
    expect(log.lines).toEqual([]);
  });

  it.each(['000', '777'])('has exact modes under umask %s', async (umask) => {
    await withUmask(Number.parseInt(umask, 8), async () => {
      await (await lockOf(0).acquire(never))();
    });
    expect(await treeOf(join(stateDir, '..'))).toEqual({ state: 'd 700', 'state/lock': '- 600' });
  });

  it('is refused while another process holds it: who, and since when', async () => {
    const holder = await startHolder();
    await held(holder);
    const who = new RegExp(
      `^the lock is held by process ${holder.pid} \\(lanacme test\\) since [0-9-]{10}T[0-9:]{8}Z, also after 0 s$`,
    );
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({
      code: 'state.locked',
      outcome: 'wait',
      message: expect.stringMatching(who) as string,
      hint: 'run it again when that one has ended, or wait longer with --lock-timeout',
    });
  });

  it('is refused within one process too', async () => {
    const release = await lockOf(0).acquire(never);
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({ code: 'state.locked' });
    await release();
    await (await lockOf(0).acquire(never))();
  });

  it('is waited for, as long as it is told, and says so meanwhile', async () => {
    await held(await startHolder());
    const before = performance.now();
    await expect(lockOf(300).acquire(never)).rejects.toMatchObject({
      message: expect.stringMatching(/also after 0\.3 s$/) as string,
    });
    expect(performance.now() - before).toBeGreaterThan(290);
    expect(log.lines).toEqual([
      expect.stringMatching(/^waiting: the lock, held by process \d+ \(lanacme test\) since /),
      expect.stringMatching(/^done waiting: the lock, held by /),
    ]);
  });

  it('goes to the next one when it is released', async () => {
    const holder = await startHolder();
    await held(holder);
    const waiting = lockOf(20_000).acquire(never);
    holder.stdin?.end();
    const release = await waiting;
    expect(await readFile(join(stateDir, 'lock'), 'utf8')).toContain(`process ${process.pid} `);
    await release();
  });

  it('goes to the next one within a second when its holder is killed', async () => {
    const holder = await startHolder();
    await held(holder);
    const next = await startHolder(60_000);
    await says(next, 'waiting\n');
    holder.kill('SIGKILL');
    const before = performance.now();
    await held(next);
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('goes to one after the other of many', async () => {
    const order = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const release = await lockOf(20_000).acquire(never);
        const files = await readdir(stateDir);
        await writeFile(join(stateDir, `holding-${index}`), '');
        await systemClock.sleep(5, never);
        await unlink(join(stateDir, `holding-${index}`));
        await release();
        return files;
      }),
    );
    expect(order).toEqual(Array.from({ length: 6 }, () => ['lock']));
  });

  it('is not inherited by a program that is started under it', async () => {
    const release = await lockOf(0).acquire(never);
    const daemon = spawn('sleep', ['30'], { stdio: 'ignore' });
    holders.push(daemon);
    await once(daemon, 'spawn');
    await release();
    await (await lockOf(0).acquire(never))();
  });

  it('is given back once', async () => {
    const release = await lockOf(0).acquire(never);
    await release();
    const other = await lockOf(0).acquire(never);
    await release();
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({ code: 'state.locked' });
    await other();
  });

  it('is waited for no longer when the run is aborted', async () => {
    await held(await startHolder());
    const stop = new AbortController();
    const reason = new Error('SIGTERM');
    const waiting = lockOf(60_000).acquire(stop.signal);
    const failed = expect(waiting).rejects.toBe(reason);
    while (log.lines.length === 0) await systemClock.sleep(5, never);
    stop.abort(reason);
    await failed;
    await expect(lockOf(0).acquire(stop.signal)).rejects.toBe(reason);
  });

  it('is taken on the file that others find, when it was removed meanwhile', async () => {
    const first = await lockOf(0).acquire(never);
    const waiting = lockOf(20_000).acquire(never);
    while (log.lines.length === 0) await systemClock.sleep(5, never);
    await unlink(join(stateDir, 'lock'));
    await first();
    const release = await waiting;
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({ code: 'state.locked' });
    await release();
  });

  it.each([
    [
      'a link',
      async (path: string) => {
        await symlink('/etc/hostname', path);
      },
    ],
    [
      'a folder',
      async (path: string) => {
        await mkdir(path);
      },
    ],
    [
      'a pipe',
      async (path: string) => {
        await promisify(execFile)('mkfifo', [path]);
      },
    ],
  ])('is not taken on %s', async (_, put) => {
    await mkdir(stateDir, { mode: 0o700 });
    const path = join(stateDir, 'lock');
    await put(path);
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({
      code: 'state.unsafe',
      message: `${path} is not a regular file, so lanacme did not make it`,
    });
  });

  it('prints nothing that a foreign text in its file could do to a terminal', async () => {
    await held(await startHolder());
    await writeFile(join(stateDir, 'lock'), '\x1b[2Jgone\n');
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({
      message: 'the lock is held by \\x1b[2Jgone, also after 0 s',
    });
  });
});

describe('without a flock that works', () => {
  const path = process.env['PATH'];
  let bin: string;
  beforeEach(async () => {
    bin = await mkdtemp(join(folder, 'bin-'));
    process.env['PATH'] = bin;
  });
  afterEach(() => {
    process.env['PATH'] = path;
  });

  it.each(['nothing', 'a file that nobody may run'])(
    'says which package has it, with %s there',
    async (what) => {
      if (what !== 'nothing') await writeFile(join(bin, 'flock'), '', { mode: 0o644 });
      await expect(lockOf(0).acquire(never)).rejects.toMatchObject({
        code: 'state.lock-failed',
        message: 'cannot lock the state folder: the program flock is not on this host',
        hint: 'install it: apt install util-linux',
      });
    },
  );

  it('says what it said', async () => {
    await writeFile(join(bin, 'flock'), '#!/bin/sh\necho "flock: 3: No locks available" >&2\nexit 71\n');
    await chmod(join(bin, 'flock'), 0o755);
    await expect(lockOf(0).acquire(never)).rejects.toMatchObject({
      code: 'state.lock-failed',
      message: 'cannot lock the state folder: flock: 3: No locks available',
      hint: 'keep the state folder on a file system that has locks: choose it with --state-dir',
    });
  });
});
