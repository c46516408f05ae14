/** Every call that changes the disk is where a run dies once, and where the disk is full once. */
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pairProblem } from '../../src/core/certificate-pair.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { FileAccountStore } from '../../src/io/account-store.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { FileJournalStore } from '../../src/io/journal-store.ts';
import type { CertificateFiles } from '../../src/ports.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { prepareDiskWork, type RunOnDisk } from '../support/failing-disk.ts';
import { treeOf } from '../support/modes.ts';

const name = parseCertificateName('lan.example');
const [old, next, last] = [
  await makeCertificateFiles(),
  await makeCertificateFiles(),
  await makeCertificateFiles(),
];
const entry = {
  format: 1,
  id: 'order-1',
  certificate: 'lan.example',
  zone: 'lan.example',
  zoneId: 'Z1',
  createdAt: '2026-11-22T12:00:00Z',
  records: [{ name: '_acme-challenge.lan.example', value: '"x"' }],
  changeIds: ['C1'],
};

let folder: string;
let stateDir: string;
let nextFile: string;
let run: RunOnDisk;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanacme-disk-'));
  stateDir = join(folder, 'state');
  nextFile = join(folder, 'next.json');
  await writeFile(nextFile, JSON.stringify(next));
  run = await prepareDiskWork(folder, stateDir);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await mkdir(stateDir, { mode: 0o700 });
});
afterEach(async () => {
  await rm(stateDir, { recursive: true });
});

/** As a server does that resolves the link once. */
async function readLikeAServer(): Promise<CertificateFiles> {
  const version = await realpath(join(stateDir, 'live', name));
  const read = async (part: string) => await readFile(join(version, `${part}.pem`), 'utf8');
  return {
    privkey: await read('privkey'),
    cert: await read('cert'),
    chain: await read('chain'),
    fullchain: await read('fullchain'),
  };
}

async function leftovers(): Promise<readonly string[]> {
  return Object.keys(await treeOf(stateDir)).filter((path) => path.includes('.tmp~'));
}

describe('an installation', () => {
  const store = () => new FileCertificateStore(stateDir);

  it('has everything on the disk before the name, and the names before it returns', async () => {
    await store().install(name, old);
    const { calls } = await run('0:none', 'install', stateDir, nextFile);
    const written = ['privkey', 'cert', 'chain', 'fullchain'].flatMap((part) => {
      const path = `archive/lan.example/TMP/${part}.pem`;
      return [`create ${path}`, `chmod ${path}`, `writeFile ${path}`, `sync ${path}`];
    });
    expect(calls).toEqual([
      'mkdir archive/lan.example/TMP',
      ...written,
      'sync archive/lan.example/TMP',
      'rename archive/lan.example/0002',
      'sync archive/lan.example',
      'symlink live/TMP',
      'rename live/lan.example',
      'sync live',
    ]);
  });

  it('has each new folder on the disk before anything is in it', async () => {
    await rm(stateDir, { recursive: true });
    const { calls } = await run('0:none', 'install', stateDir, nextFile);
    expect(calls.slice(0, 9)).toEqual([
      'mkdir ',
      'sync ..',
      'mkdir live',
      'sync ',
      'mkdir archive',
      'sync ',
      'mkdir archive/lan.example',
      'sync archive',
      'mkdir archive/lan.example/TMP',
    ]);
  });

  it('that dies at any call leaves a pair that matches, and nothing that stays', async () => {
    const seen: CertificateFiles[] = [];
    for (let call = 1, killed = true; killed; call += 1) {
      await rm(stateDir, { recursive: true });
      await mkdir(stateDir, { mode: 0o700 });
      await store().install(name, old);
      ({ killed } = await run(`${call}:kill`, 'install', stateDir, nextFile));
      const found = await readLikeAServer();
      expect(pairProblem(found)).toBeUndefined();
      expect((await store().live(name))?.files).toEqual(found);
      seen.push(found);
      await store().install(name, last);
      expect(await readLikeAServer()).toEqual(last);
      expect(await leftovers()).toEqual([]);
    }
    // The flip is the call before the last: killed at all calls up to it, the old pair is live.
    expect(seen.length).toBe(24);
    expect(seen.slice(0, 22)).toEqual(Array.from({ length: 22 }, () => old));
    expect(seen.slice(22)).toEqual([next, next]);
  });

  it('on a disk that is full at any call says so, leaves the old pair live and nothing half-written', async () => {
    await store().install(name, old);
    for (let call = 1; ; call += 1) {
      const { error } = await run(`${call}:ENOSPC`, 'install', stateDir, nextFile);
      if (error === undefined) {
        expect(call).toBe(24);
        break;
      }
      expect(error.code).toBe('state.unwritable');
      expect(error.message).toMatch(/^cannot write \/.*: the disk is full$/);
      expect(error.hint).toBe('free some space on that disk, then run lanacme again');
      expect(await leftovers()).toEqual([]);
      // After the flip only the fsync of its folder is left to fail.
      expect(await readLikeAServer()).toEqual(call < 23 ? old : next);
    }
  });
});

describe('a journal entry', () => {
  const json = JSON.stringify(entry);
  const journal = () => new FileJournalStore(stateDir);

  it('is on the disk, content and name, when it is saved', async () => {
    await run('0:none', 'save-journal', stateDir, JSON.stringify({ ...entry, id: 'other' }));
    const { calls } = await run('0:none', 'save-journal', stateDir, json);
    expect(calls).toEqual([
      'create journal/TMP',
      'chmod journal/TMP',
      'writeFile journal/TMP',
      'sync journal/TMP',
      'rename journal/order-1.json',
      'sync journal',
    ]);
  });

  it('is gone from the disk when it is removed', async () => {
    await run('0:none', 'save-journal', stateDir, json);
    const { calls } = await run('0:none', 'remove-journal', stateDir, 'order-1');
    expect(calls).toEqual(['unlink journal/order-1.json', 'sync journal']);
  });

  it('is the old one or the new one after a death at any call, and can be saved again', async () => {
    const changed = JSON.stringify({ ...entry, changeIds: ['C1', 'C2'] });
    const found: number[] = [];
    for (let call = 1, killed = true; killed; call += 1) {
      await run('0:none', 'save-journal', stateDir, json);
      ({ killed } = await run(`${call}:kill`, 'save-journal', stateDir, changed));
      found.push((await journal().entries())[0]?.changeIds.length ?? 0);
    }
    expect(found).toEqual([1, 1, 1, 1, 1, 2, 2]);
    expect(await leftovers()).toEqual([]);
  });
});

describe('a new account key', () => {
  it('is whole or not there after a death at any call', async () => {
    const url = 'https://ca.example/dir';
    const found: boolean[] = [];
    for (let call = 1, killed = true; killed; call += 1) {
      await rm(stateDir, { recursive: true });
      await mkdir(stateDir, { mode: 0o700 });
      ({ killed } = await run(`${call}:kill`, 'save-key', stateDir, old.privkey));
      const account = await new FileAccountStore(stateDir).read(url);
      if (account === undefined) await new FileAccountStore(stateDir).saveKey(url, next.privkey);
      else expect(account.keyPem).toBe(old.privkey);
      found.push(account !== undefined);
    }
    expect(found).toEqual([...Array.from({ length: 9 }, () => false), true, true, true]);
  });
});
