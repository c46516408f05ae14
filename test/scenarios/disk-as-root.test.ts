/** Real disks that are full or read-only, and files of somebody else: what only root can arrange. */
import { chmod, chown, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { giveToOwner, isRoot, owner, programForAll } from '../support/as-root.ts';
import { run } from '../support/child-process.ts';
import { treeOf } from '../support/modes.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

const name = 'lan.example';
const issue = ['issue', '--domain', '*.lan.example', '--domain', name];

describe.runIf(isRoot(import.meta.url))('with a certificate in place,', () => {
  let world: World;
  let host: Host;
  let program: string;
  let pair: readonly string[];
  let before: string;
  let hosts = 0;

  beforeAll(async () => {
    world = await startWorld({ pendingMs: 50, route53: { rateLimit: 'none' } });
    program = await programForAll(world.folder);
    host = world.host;
    await giveToOwner(host);
    expect(await lanacme(issue)).toMatchObject({ code: 0 });
    [pair, before] = [await readPair(), world.snapshot()];
  });
  afterAll(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    hosts += 1;
    host = await world.addHost({ thingName: `host-${hosts}` });
    await mkdir(host.stateDir);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'lanacme-test', host.stateDir]);
    await giveToOwner(host);
    await run('cp', ['--archive', `${world.host.stateDir}/.`, host.stateDir]);
    await world.forgetRequests();
  });
  afterEach(async () => {
    await run('umount', [host.stateDir]);
  });

  const lanacme = async (args: readonly string[]): Promise<LanacmeResult> =>
    await runLanacme(args, { program, env: host.environment({ LANACME_LOG_FORMAT: 'pretty' }) });
  const path = (...parts: readonly string[]): string => join(host.stateDir, ...parts);

  async function readPair(): Promise<readonly string[]> {
    const version = await realpath(path('live', name));
    return await Promise.all(
      ['privkey.pem', 'fullchain.pem'].map(async (file) => await readFile(join(version, file), 'utf8')),
    );
  }

  /** What a failure must not have touched. */
  async function expectAllAsBefore(): Promise<void> {
    expect(await readPair()).toEqual(pair);
    expect(world.snapshot()).toBe(before);
    expect(Object.keys(await treeOf(host.stateDir)).filter((file) => file.includes('.tmp~'))).toEqual([]);
  }

  test('a full disk is told, changes nothing, and once there is space all is well', async () => {
    const filler = path('filler');
    await expect(writeFile(filler, Buffer.alloc(256 * 1024))).rejects.toMatchObject({ code: 'ENOSPC' });
    const result = await lanacme([...issue, '--force']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/cannot write \S+: the disk is full \(state\.unwritable\)/);
    expect(result.stderr).toContain('hint: free some space on that disk, then run lanacme again');
    await expectAllAsBefore();
    // A good certificate needs no space.
    expect((await lanacme(issue)).code).toBe(0);
    await rm(filler);
    expect((await lanacme([...issue, '--force'])).code).toBe(0);
    expect(await readPair()).not.toEqual(pair);
  });

  test('a full disk leaves the file of credentials as it was, and nothing beside it', async () => {
    const file = path('credentials');
    await writeFile(file, '# mine\n', { mode: 0o600 });
    await chown(file, owner, owner);
    await expect(writeFile(path('filler'), Buffer.alloc(256 * 1024))).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    const result = await lanacme(['credentials', '--output', file]);
    expect([result.code, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toMatch(
      /the credentials were not written: cannot write \S+: the disk is full \(credentials\.output-unwritable\)/,
    );
    expect(result.stderr).toContain('hint: free some space on that disk, then run lanacme again');
    expect(await readFile(file, 'utf8')).toBe('# mine\n');
    await expectAllAsBefore();
    await rm(path('filler'));
    expect((await lanacme(['credentials', '--output', file])).code).toBe(0);
  });

  test('a read-only disk is told before anything is sent, and can still be read', async () => {
    await run('mount', ['-o', 'remount,ro', host.stateDir]);
    const result = await lanacme([...issue, '--force']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `cannot write ${path('lock')}: the file system is read-only (state.unwritable)`,
    );
    expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
    await expectAllAsBefore();
    expect((await lanacme(issue)).code).toBe(0);
    expect((await lanacme(['status'])).code).toBe(0);
  });

  test.each(['archive/lan.example', 'certificates', 'journal', 'live'])(
    'a folder %s that its owner may not write is told, and no certificate is issued',
    async (folder) => {
      await chmod(path(folder), 0o500);
      const result = await lanacme([...issue, '--force']);
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(
        new RegExp(`cannot write ${path(folder)}(/\\S+)?: permission denied \\(state.unwritable\\)`),
      );
      expect((await world.counts()).acme).not.toHaveProperty('finalize');
      await chmod(path(folder), 0o700);
      await expectAllAsBefore();
    },
  );

  test.each([
    ['certificates/lan.example.json', 'read'],
    ['lock', 'write'],
  ])('a file %s of somebody else is told before anything is sent', async (file, doing) => {
    await chown(path(file), 0, 0);
    const result = await lanacme([...issue, '--force']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`cannot ${doing} ${path(file)}: permission denied`);
    expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
    await chown(path(file), owner, owner);
    await expectAllAsBefore();
  });
});
