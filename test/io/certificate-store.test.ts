import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { treeOf, withUmask } from '../support/modes.ts';

const files = await makeCertificateFiles();
const newer = await makeCertificateFiles();
const name = parseCertificateName('lan.example');
const record: CertificateRecord = {
  format: 1,
  name,
  spec: { domains: [parseDomain('lan.example')], server: 'https://ca.example/dir', keyType: 'ec256' },
  deployHooks: ['reload'],
  hooks: [],
};

let parent: string;
let stateDir: string;
let store: FileCertificateStore;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lanacme-store-'));
  stateDir = join(parent, 'state');
  store = new FileCertificateStore(stateDir);
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

const inState = (...path: readonly string[]) => join(stateDir, ...path);
const failure = (code: string, message: string) => expect.objectContaining({ code, message }) as Error;

describe('preparing', () => {
  it('makes what an installation writes into, and leaves nothing in it', async () => {
    await store.prepare(name);
    expect(await treeOf(stateDir)).toEqual({
      accounts: 'd 700',
      archive: 'd 700',
      'archive/lan.example': 'd 700',
      certificates: 'd 700',
      journal: 'd 700',
      live: 'd 700',
      orders: 'd 700',
    });
  });

  it('refuses what is in the way of a new version', async () => {
    await store.install(name, files);
    await rm(inState('archive'), { recursive: true });
    await writeFile(inState('archive'), '');
    await expect(store.prepare(name)).rejects.toEqual(
      failure('state.unsafe', `${inState('archive')} is not a folder`),
    );
  });
});

describe('installing', () => {
  it.each(['000', '022', '027', '077', '177', '777'])('gives exact modes under umask %s', async (umask) => {
    await withUmask(Number.parseInt(umask, 8), async () => {
      await store.install(name, files);
      await store.saveRecord(record);
    });
    expect(await treeOf(parent)).toEqual({
      state: 'd 700',
      'state/archive': 'd 700',
      'state/archive/lan.example': 'd 700',
      'state/archive/lan.example/0001': 'd 700',
      'state/archive/lan.example/0001/cert.pem': '- 644',
      'state/archive/lan.example/0001/chain.pem': '- 644',
      'state/archive/lan.example/0001/fullchain.pem': '- 644',
      'state/archive/lan.example/0001/privkey.pem': '- 600',
      'state/certificates': 'd 700',
      'state/certificates/lan.example.json': '- 600',
      'state/live': 'd 700',
      'state/live/lan.example': '-> ../archive/lan.example/0001',
    });
  });

  it('returns what live then reads', async () => {
    const installed = await store.install(name, files);
    expect(installed).toEqual({
      version: '0001',
      path: inState('live', 'lan.example'),
      stamp: expect.stringMatching(/^(\d+@[\d.]+ ){3}\d+@[\d.]+$/) as string,
      files,
    });
    expect(await store.live(name)).toEqual(installed);
    expect(await readFile(join(installed.path, 'privkey.pem'), 'utf8')).toBe(files.privkey);
  });

  it('flips to the next version and keeps the old one', async () => {
    await store.install(name, files);
    expect((await store.install(name, newer)).version).toBe('0002');
    expect((await store.live(name))?.files).toEqual(newer);
    expect(await readFile(inState('archive', name, '0001', 'cert.pem'), 'utf8')).toBe(files.cert);
  });

  it('never uses a number twice, also when folders were removed', async () => {
    await store.install(name, files);
    await store.install(name, newer);
    await rm(inState('archive', name), { recursive: true });
    expect((await store.install(name, files)).version).toBe('0003');
    await mkdir(inState('archive', name, '0041'));
    expect((await store.install(name, files)).version).toBe('0042');
  });

  it('removes what a dead run left half-written, and nothing else', async () => {
    await store.install(name, files);
    const leftovers = [
      inState('archive', name, '.tmp~0123456789ab~1'),
      inState('live', '.tmp~0123456789ab~7'),
    ];
    const foreign = [inState('archive', name, '.tmp~mine'), inState('archive', name, '0001.bak')];
    for (const folder of [...leftovers, ...foreign]) await mkdir(folder);
    await writeFile(join(leftovers[0]!, 'privkey.pem'), files.privkey);
    await store.install(name, newer);
    expect(Object.keys(await treeOf(stateDir)).filter((path) => !/pem$/.test(path))).toEqual([
      'archive',
      'archive/lan.example',
      'archive/lan.example/.tmp~mine',
      'archive/lan.example/0001',
      'archive/lan.example/0001.bak',
      'archive/lan.example/0002',
      'live',
      'live/lan.example',
    ]);
  });

  it('refuses files that do not belong together before anything is made', async () => {
    await expect(store.install(name, { ...files, privkey: newer.privkey })).rejects.toThrow(
      failure(
        'certificate.unusable',
        'the new files of lan.example do not belong together: privkey.pem does not match cert.pem',
      ),
    );
    expect(await treeOf(parent)).toEqual({});
  });

  it.each<[string, (path: string) => Promise<unknown>, string]>([
    [
      'a file',
      async (path) => {
        await writeFile(path, 'mine');
      },
      'is not a symbolic link, so lanacme did not make it',
    ],
    [
      'a folder',
      async (path) => {
        await mkdir(path);
      },
      'is not a symbolic link, so lanacme did not make it',
    ],
    [
      'a link elsewhere',
      async (path) => {
        await symlink('/etc', path);
      },
      'points to a place where lanacme keeps no version of it',
    ],
    [
      'a link to the version of another',
      async (path) => {
        await symlink('../archive/other.example/0001', path);
      },
      'points to a place where lanacme keeps no version of it',
    ],
  ])('leaves %s in the place of the link alone', async (_, put, what) => {
    await mkdir(inState('live'), { recursive: true, mode: 0o700 });
    await put(inState('live', name));
    const before = await treeOf(stateDir);
    const unsafe = failure('state.unsafe', `${inState('live', name)} ${what}`);
    await expect(store.install(name, files)).rejects.toThrow(unsafe);
    await expect(store.live(name)).rejects.toThrow(unsafe);
    expect(await treeOf(stateDir)).toEqual(before);
  });

  it('is refused where a file stands in place of the archive', async () => {
    await store.install(name, files);
    await rm(inState('archive', name), { recursive: true });
    await writeFile(inState('archive', name), 'not a folder');
    await expect(store.install(name, newer)).rejects.toThrow(
      failure('state.unsafe', `${inState('archive', name)} is not a folder`),
    );
  });
});

describe('going back', () => {
  it('points to an older version, and never gives its number again', async () => {
    const first = await store.install(name, files);
    await store.install(name, newer);
    expect(await store.pointTo(name, '0001')).toEqual(await store.liveVersion(name));
    expect(await store.live(name)).toEqual(first);
    expect(await store.versions(name)).toEqual(['0001', '0002']);
    expect((await store.install(name, newer)).version).toBe('0003');
  });

  it('reads any version, with or without a live one', async () => {
    const { version, stamp } = await store.install(name, files);
    await unlink(inState('live', name));
    expect(await store.version(name, version)).toEqual({ version, stamp, files });
    expect((await store.pointTo(name, version)).path).toBe(inState('live', name));
  });

  it.each<[string, (folder: string) => Promise<unknown>, string]>([
    [
      'is not there',
      async (folder) => {
        await rm(folder, { recursive: true });
      },
      '0001 is missing',
    ],
    [
      'lacks a file',
      async (folder) => {
        await unlink(join(folder, 'cert.pem'));
      },
      '0001 lacks cert.pem',
    ],
    [
      'has the key of another',
      async (folder) => {
        await writeFile(join(folder, 'privkey.pem'), newer.privkey);
      },
      '0001, privkey.pem does not match cert.pem',
    ],
  ])('leaves the link alone if the version %s', async (_, spoil, what) => {
    await store.install(name, files);
    await store.install(name, newer);
    await spoil(inState('archive', name, '0001'));
    const refused = { code: 'state.broken', message: expect.stringContaining(what) as string };
    await expect(store.pointTo(name, '0001')).rejects.toMatchObject(refused);
    await expect(store.version(name, '0001')).rejects.toMatchObject(refused);
    expect((await store.live(name))?.version).toBe('0002');
  });

  it('leaves a link that lanacme did not make alone', async () => {
    await store.install(name, files);
    await unlink(inState('live', name));
    await symlink('/etc', inState('live', name));
    await expect(store.pointTo(name, '0001')).rejects.toMatchObject({ code: 'state.unsafe' });
  });

  it('knows no version of a certificate that is not there', async () => {
    expect(await store.versions(name)).toEqual([]);
    await expect(store.version(name, '0001')).rejects.toMatchObject({ code: 'state.broken' });
  });
});

describe('pruning', () => {
  const nothing = { held: [], needed: [] };

  it('keeps the last versions, and their numbers go on growing', async () => {
    for (let version = 1; version <= 7; version += 1) await store.install(name, files);
    expect(await store.prune(name, 5, nothing)).toEqual(['0001', '0002']);
    expect(await store.prune(name, 5, nothing)).toEqual([]);
    expect(await store.versions(name)).toEqual(['0003', '0004', '0005', '0006', '0007']);
    await store.pointTo(name, '0003');
    expect(await store.prune(name, 1, nothing)).toEqual(['0004', '0005', '0006']);
    expect((await store.live(name))?.version).toBe('0003');
    expect((await store.install(name, files)).version).toBe('0008');
  });

  it('has nothing to do without a certificate', async () => {
    expect(await store.prune(name, 5, nothing)).toEqual([]);
    expect(await treeOf(parent)).toEqual({});
  });
});

describe('removing a certificate', () => {
  it('leaves nothing of it, and all of the others', async () => {
    const other = parseCertificateName('lan.example.other');
    for (const each of [name, other]) {
      await store.install(each, files);
      await store.saveRecord({ ...record, name: each });
      await mkdir(inState('orders'), { recursive: true });
      for (const file of [`${each}.json`, `${each}.key.pem`]) await writeFile(inState('orders', file), '');
    }
    const paths = [
      `live/${name}`,
      `orders/${name}.key.pem`,
      `orders/${name}.json`,
      `archive/${name}`,
      `certificates/${name}.json`,
    ];
    expect(await store.remove(name)).toEqual(paths.map((path) => inState(path)));
    expect(await store.remove(name)).toEqual([]);
    expect(
      Object.keys(await treeOf(stateDir)).filter((path) => /lan\.example($|[^.]|\.(json|key))/.test(path)),
    ).toEqual([]);
    expect((await store.live(other))?.files).toEqual(files);
    expect(await store.names()).toEqual([other]);
  });

  it('removes what is there of a record that cannot be read', async () => {
    await store.saveRecord(record);
    await writeFile(inState('certificates', `${name}.json`), '{');
    expect(await store.remove(name)).toEqual([inState('certificates', `${name}.json`)]);
  });

  it('touches nothing if the link is not ours', async () => {
    await store.install(name, files);
    await unlink(inState('live', name));
    await symlink('/etc', inState('live', name));
    const before = await treeOf(stateDir);
    await expect(store.remove(name)).rejects.toMatchObject({ code: 'state.unsafe' });
    expect(await treeOf(stateDir)).toEqual(before);
  });

  it('makes nothing where there is nothing', async () => {
    expect(await store.remove(name)).toEqual([]);
    expect(await treeOf(parent)).toEqual({});
  });
});

describe('a reader', () => {
  it('that resolves the link once finds a pair that matches, whenever it looks', async () => {
    const [path, pairs] = [inState('live', name), [files, newer]];
    await store.install(name, files);
    let reads = 0;
    const writing = (async () => {
      for (let flip = 1; flip <= 40; flip += 1) await store.install(name, pairs[flip % 2]!);
      return true;
    })();
    while (!(await Promise.race([writing, Promise.resolve(false)]))) {
      const version = await realpath(path);
      const privkey = await readFile(join(version, 'privkey.pem'), 'utf8');
      const cert = await readFile(join(version, 'cert.pem'), 'utf8');
      expect(pairs).toContainEqual(expect.objectContaining({ privkey, cert }));
      expect(pairs).toContainEqual((await store.live(name))?.files);
      reads += 1;
    }
    expect(reads).toBeGreaterThan(10);
  });
});

describe('reading', () => {
  it('finds nothing, and makes nothing, without a state folder', async () => {
    expect(await store.names()).toEqual([]);
    expect(await store.record(name)).toBeUndefined();
    expect(await store.live(name)).toBeUndefined();
    expect(await treeOf(parent)).toEqual({});
  });

  it('finds nothing in an empty state folder', async () => {
    await mkdir(stateDir);
    expect([await store.names(), await store.record(name), await store.live(name)]).toEqual([
      [],
      undefined,
      undefined,
    ]);
    expect(await treeOf(stateDir)).toEqual({});
  });

  it('lists the names that have a record, in order', async () => {
    for (const each of ['b.example', 'a.example', 'lan.example']) {
      await store.saveRecord({ ...record, name: parseCertificateName(each) });
    }
    for (const odd of ['c.example.json.bak', '.hidden.json', '-x.json', 'a b.json', 'README']) {
      await writeFile(inState('certificates', odd), '');
    }
    expect(await store.names()).toEqual(['a.example', 'b.example', 'lan.example']);
  });

  it('reads a record as it was saved', async () => {
    await store.saveRecord(record);
    await store.saveRecord({ ...record, deployHooks: ['other'] });
    expect(await store.record(name)).toEqual({ ...record, deployHooks: ['other'] });
  });

  it.each<[string, (path: string) => Promise<unknown>, string, string]>([
    [
      'half a record',
      async (path) => {
        await truncate(path, 40);
      },
      'state.broken',
      'is not JSON',
    ],
    [
      'a newer record',
      async (path) => {
        await writeFile(path, '{"format": 2}');
      },
      'state.newer-version',
      'has format 2, and this lanacme knows 1',
    ],
    [
      'a record that lacks a member',
      async (path) => {
        await writeFile(path, '{"format": 1}');
      },
      'state.broken',
      'is broken: name is missing',
    ],
    [
      'a link',
      async (path) => {
        await unlink(path);
        await symlink('/etc/hostname', path);
      },
      'state.unsafe',
      'is a symbolic link, so lanacme did not make it',
    ],
    [
      'a folder',
      async (path) => {
        await unlink(path);
        await mkdir(path);
      },
      'state.unsafe',
      'is not a regular file, so lanacme did not make it',
    ],
    [
      'a pipe that nobody writes into',
      async (path) => {
        await unlink(path);
        await promisify(execFile)('mkfifo', [path]);
      },
      'state.unsafe',
      'is not a regular file, so lanacme did not make it',
    ],
    [
      'a huge file',
      async (path) => {
        await truncate(path, 2 ** 20 + 1);
      },
      'state.unsafe',
      'is larger than 1048576 bytes, so lanacme did not make it',
    ],
  ])('names the file of %s, and still reads the others', async (_, spoil, code, what) => {
    const other = { ...record, name: parseCertificateName('other.example') };
    await store.saveRecord(record);
    await store.saveRecord(other);
    const path = inState('certificates', 'lan.example.json');
    await spoil(path);
    await expect(store.record(name)).rejects.toThrow(failure(code, `${path} ${what}`));
    expect(await store.record(other.name)).toEqual(other);
    expect(await store.names()).toEqual(['lan.example', 'other.example']);
  });

  it.each<[string, (folder: string) => Promise<unknown>, string, string]>([
    [
      'a key of another certificate',
      async (folder) => {
        await writeFile(join(folder, 'privkey.pem'), newer.privkey);
      },
      'state.broken',
      'in archive/lan.example/0001, privkey.pem does not match cert.pem',
    ],
    [
      'a missing file',
      async (folder) => {
        await unlink(join(folder, 'chain.pem'));
      },
      'state.broken',
      'archive/lan.example/0001 lacks chain.pem',
    ],
    [
      'a missing folder',
      async (folder) => {
        await rm(folder, { recursive: true });
      },
      'state.broken',
      'archive/lan.example/0001 is missing',
    ],
    [
      'a link for a file',
      async (folder) => {
        await unlink(join(folder, 'privkey.pem'));
        await symlink('/etc/shadow', join(folder, 'privkey.pem'));
      },
      'state.unsafe',
      'archive/lan.example/0001/privkey.pem is a symbolic link, so lanacme did not make it',
    ],
    [
      'a link for a folder',
      async (folder) => {
        await rm(folder, { recursive: true });
        await symlink('/etc', folder);
      },
      'state.unsafe',
      'archive/lan.example/0001 is not a folder, so lanacme did not make it',
    ],
  ])('refuses a live version with %s', async (_, spoil, code, what) => {
    await store.install(name, files);
    await spoil(inState('archive', name, '0001'));
    const error: unknown = await store.live(name).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect((error as Error).message.replaceAll(`${stateDir}/`, '')).toBe(what);
  });
});
