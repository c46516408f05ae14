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
import { run as runProgram } from '../support/child-process.ts';
import { prepareDiskWork, type RunOnDisk } from '../support/failing-disk.ts';
import { isLong, longTestMs, sampled } from '../support/long-form.ts';
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

const ownGroup = (await runProgram('id', ['-gn'])).trim();
let everything: string;
let folder: string;
let stateDir: string;
let nextFile: string;
let run: RunOnDisk;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanacme-disk-'));
  stateDir = join(folder, 'state');
  nextFile = join(folder, 'next.json');
  await writeFile(nextFile, JSON.stringify(next));
  const pkcs12PasswordFile = join(folder, 'password');
  await writeFile(pkcs12PasswordFile, 'secret', { mode: 0o600 });
  everything = JSON.stringify({ combined: true, pkcs12PasswordFile, keyGroup: ownGroup });
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

/** What is read by who has one file configured; nothing if there is none. */
async function combinedPem(): Promise<string | undefined> {
  return await readFile(join(stateDir, 'live', name, 'combined.pem'), 'utf8').catch(() => undefined);
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

  it('has every further file on the disk before the name, with its group before anything is in it', async () => {
    await store().install(name, old);
    const { calls } = await run('0:none', 'install', stateDir, nextFile, everything);
    const folder = 'archive/lan.example/TMP';
    const ofKeys = ['privkey.pem', 'combined.pem', 'bundle.p12'];
    expect(calls.slice(1, 1 + 5)).toEqual(
      ['create', 'chown', 'chmod', 'writeFile', 'sync'].map((call) => `${call} ${folder}/privkey.pem`),
    );
    const synced = calls.filter((call) => call.startsWith('sync ')).slice(0, 8);
    expect(synced).toEqual([
      ...['privkey', 'cert', 'chain', 'fullchain'].map((part) => `sync ${folder}/${part}.pem`),
      ...[`sync ${folder}/combined.pem`, `sync ${folder}/bundle.p12`, `sync ${folder}`],
      'sync archive/lan.example',
    ]);
    expect(calls.filter((call) => call.startsWith('chown '))).toEqual([
      ...ofKeys.map((file) => `chown ${folder}/${file}`),
      `chown ${folder}`,
    ]);
    // Others may enter what is complete, and that before the link leads them there.
    const at = (call: string) => calls.indexOf(call);
    expect(at(`chmod ${folder}`)).toBeGreaterThan(at(`sync ${folder}/bundle.p12`));
    expect(at('chmod archive/lan.example')).toBeGreaterThan(at('rename archive/lan.example/0002'));
    expect(at('chmod live')).toBeLessThan(at('rename live/lan.example'));
  });

  it('makes a file that a group may read closed to everybody: it has its own group first', async () => {
    await store().install(name, old);
    await run('chown archive/lan.example/TMP/privkey.pem:kill', 'install', stateDir, nextFile, everything);
    const tree = Object.entries(await treeOf(stateDir)).filter(([path]) => path.includes('.tmp~'));
    expect(tree.map(([path, mode]) => [path.replace(/.*\.tmp~[^/]*/, 'TMP'), mode])).toEqual([
      ['TMP', 'd 700'],
      ['TMP/privkey.pem', '- 600'],
    ]);
  });

  /** Dies where the fault is; whatever is live then is one pair. Says whether it died and which pair that is. */
  async function dieAt(fault: string, terms: string): Promise<{ killed: boolean; found: CertificateFiles }> {
    await rm(stateDir, { recursive: true });
    await mkdir(stateDir, { mode: 0o700 });
    await store().install(name, old);
    const { killed } = await run(fault, 'install', stateDir, nextFile, terms);
    const found = await readLikeAServer();
    expect(pairProblem(found)).toBeUndefined();
    expect((await store().live(name))?.files).toEqual(found);
    const hasAll = terms !== '{}' && found.cert !== old.cert;
    expect(await combinedPem()).toBe(hasAll ? found.fullchain + found.privkey : undefined);
    await store().install(name, last);
    expect(await readLikeAServer()).toEqual(last);
    expect(await leftovers()).toEqual([]);
    return { killed, found };
  }

  it(
    'that dies at any call leaves a pair that matches, and nothing that stays',
    async () => {
      const [terms, calls] = isLong ? [everything, 45] : ['{}', 24];
      const seen: CertificateFiles[] = [];
      for (let call = 1, killed = true; killed; call += 1) {
        const died = await dieAt(`${call}:kill`, terms);
        killed = died.killed;
        seen.push(died.found);
      }
      // The flip is the call before the last: killed at all calls up to it, the old pair is live.
      const before = Array.from({ length: calls - 2 }, () => old);
      expect(seen).toEqual([...before, next, next]);
    },
    longTestMs,
  );

  it.each([
    ['create archive/lan.example/TMP/combined.pem', old],
    ['sync archive/lan.example/TMP/bundle.p12', old],
    ['chmod archive/lan.example/TMP', old],
    ['chmod live', old],
    ['sync live#2', next],
  ])('of all files that dies at "%s" leaves a pair that matches in each of them', async (call, expected) => {
    expect(await dieAt(`${call}:kill`, everything)).toEqual({ killed: true, found: expected });
  });

  it('on a disk that is full at any call says so, leaves the old pair live and nothing half-written', async () => {
    await store().install(name, old);
    // With the last of all, which is the one after the flip.
    for (const call of sampled(23, 3, 2)) {
      const { error } = await run(`${call}:ENOSPC`, 'install', stateDir, nextFile);
      expect(error?.code).toBe('state.unwritable');
      expect(error?.message).toMatch(/^cannot write \/.*: the disk is full$/);
      expect(error?.hint).toBe('free some space on that disk, then run lanacme again');
      expect(await leftovers()).toEqual([]);
      // After the flip only the fsync of its folder is left to fail.
      expect(await readLikeAServer()).toEqual(call < 23 ? old : next);
    }
    expect((await run('24:ENOSPC', 'install', stateDir, nextFile)).error).toBeUndefined();
  });
});

describe('a certificate with several versions', () => {
  const store = () => new FileCertificateStore(stateDir);
  const worksAt = async (...work: readonly string[]): Promise<readonly (readonly string[])[]> => {
    const found: (readonly string[])[] = [];
    for (let call = 1, killed = true; killed; call += 1) {
      await rm(stateDir, { recursive: true });
      await mkdir(stateDir, { mode: 0o700 });
      for (const files of [old, next]) await store().install(name, files);
      ({ killed } = await run(`${call}:kill`, work[0] ?? '', stateDir, ...work.slice(1)));
      const live = await store().live(name);
      found.push([live?.version ?? 'none', ...(await store().versions(name))]);
    }
    return found;
  };

  it('points to a whole one after a death at any call of a rollback', async () => {
    const [before, after] = [
      ['0002', '0001', '0002'],
      ['0001', '0001', '0002'],
    ];
    expect(await worksAt('point-to', '0001')).toEqual([before, before, after, after]);
  });

  it('has lost no more than an old one after a death at any call of pruning', async () => {
    const [before, after] = [
      ['0002', '0001', '0002'],
      ['0002', '0002'],
    ];
    expect(await worksAt('prune')).toEqual([before, after, after, after]);
    await store().install(name, last);
    expect(await leftovers()).toEqual([]);
  });

  it('is live or is gone after a death at any call of its removal', async () => {
    const gone = ['none'];
    expect(await worksAt('remove')).toEqual([
      ['0002', '0001', '0002'],
      ...Array.from({ length: 4 }, () => ['none', '0001', '0002']),
      ...[gone, gone, gone],
    ]);
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
