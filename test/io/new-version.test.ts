/** Which files a version has, and who may read them. */
import { X509Certificate } from 'node:crypto';
import { chmod, lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstallTerms } from '../../src/core/install-terms.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { isRoot, owner, stranger } from '../support/as-root.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { run } from '../support/child-process.ts';
import { treeOf, withUmask } from '../support/modes.ts';

const files = await makeCertificateFiles();
const name = parseCertificateName('lan.example');
const ownGroup = (await run('id', ['-gn'])).trim();

let parent: string;
let stateDir: string;
let store: FileCertificateStore;
let passwordFile: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lanacme-terms-'));
  stateDir = join(parent, 'state');
  store = new FileCertificateStore(stateDir);
  passwordFile = join(parent, 'password');
  await writeFile(passwordFile, 'secret\nnot this\n', { mode: 0o600 });
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

const live = (file: string) => join(stateDir, 'live', name, file);
const usage = (message: string) =>
  expect.objectContaining({ code: 'config.invalid-value', outcome: 'usage', message }) as Error;

describe('a version', () => {
  it.each(['000', '027', '077'])('for a group has exact modes under umask %s', async (umask) => {
    const terms = { keyGroup: ownGroup, combined: true, pkcs12PasswordFile: passwordFile } as const;
    await withUmask(Number.parseInt(umask, 8), async () => {
      await store.prepare(name, terms);
      await store.install(name, files, terms);
    });
    expect(await treeOf(parent)).toMatchObject({
      state: 'd 711',
      'state/accounts': 'd 700',
      'state/archive': 'd 711',
      'state/archive/lan.example': 'd 711',
      'state/archive/lan.example/0001': 'd 750',
      'state/archive/lan.example/0001/bundle.p12': '- 640',
      'state/archive/lan.example/0001/cert.pem': '- 644',
      'state/archive/lan.example/0001/chain.pem': '- 644',
      'state/archive/lan.example/0001/combined.pem': '- 640',
      'state/archive/lan.example/0001/fullchain.pem': '- 644',
      'state/archive/lan.example/0001/privkey.pem': '- 640',
      'state/certificates': 'd 700',
      'state/journal': 'd 700',
      'state/live': 'd 711',
      'state/orders': 'd 700',
    });
  });

  it('without a group keeps everything closed, the further files as well', async () => {
    await store.install(name, files, { combined: true, pkcs12PasswordFile: passwordFile });
    expect(await treeOf(parent)).toMatchObject({
      state: 'd 700',
      'state/archive/lan.example/0001': 'd 700',
      'state/archive/lan.example/0001/combined.pem': '- 600',
      'state/archive/lan.example/0001/bundle.p12': '- 600',
    });
  });

  it('leaves folders open that somebody has opened further', async () => {
    await store.prepare(name);
    await chmod(stateDir, 0o755);
    await store.install(name, files, { keyGroup: ownGroup });
    expect(((await lstat(stateDir)).mode & 0o7777).toString(8)).toBe('755');
  });

  it('has a combined.pem of the chain, the leaf first, then the key, as HAProxy reads it', async () => {
    await store.install(name, files, { combined: true });
    const combined = await readFile(live('combined.pem'), 'utf8');
    expect(combined).toBe(files.fullchain + files.privkey);
    expect(new X509Certificate(combined).raw).toEqual(new X509Certificate(files.cert).raw);
  });

  it('has a bundle.p12 that opens with the first line of the password file', async () => {
    await store.install(name, files, { pkcs12PasswordFile: passwordFile });
    const opened = await run('openssl', [
      'pkcs12',
      '-in',
      live('bundle.p12'),
      '-passin',
      'pass:secret',
      '-nodes',
    ]);
    expect(opened).toContain(files.privkey);
    expect(opened).toContain('friendlyName: lan.example');
  });

  it('takes the password from the credentials directory of systemd', async () => {
    const source = { credentialsDirectory: parent };
    await new FileCertificateStore(stateDir, source).prepare(name, {
      pkcs12PasswordFile: 'credential:password',
    });
  });
});

it('preparing warns of folders on the way that are closed to the readers', async () => {
  await chmod(parent, 0o700);
  const warnings = await store.prepare(name, { keyGroup: ownGroup });
  expect(warnings).toEqual([
    `who may read the keys cannot get to them: ${parent} is closed to others (mode 0700)`,
  ]);
  const link = join(parent, 'link');
  await symlink(stateDir, link);
  expect(await new FileCertificateStore(link).prepare(name, { keyGroup: ownGroup })).toEqual(warnings);
  await chmod(parent, 0o711);
  expect(await store.prepare(name, { keyGroup: ownGroup })).toEqual([]);
  await chmod(parent, 0o700);
  expect(await store.prepare(name)).toEqual([]);
});

describe('preparing refuses, before anything is made,', () => {
  it.each<[string, InstallTerms, string]>([
    [
      'a group that nobody has',
      { keyGroup: 'no-such-group' },
      '--key-group: there is no group no-such-group',
    ],
    ['what cannot be the name of a group', { keyGroup: '-s' }, '--key-group: there is no group -s'],
    ['an owner that nobody is', { owner: 'no-such-user' }, '--owner: there is no user no-such-user'],
  ])('%s', async (_, terms, message) => {
    await expect(store.prepare(name, terms)).rejects.toThrow(usage(message));
    await expect(store.install(name, files, terms)).rejects.toThrow(usage(message));
    expect(await treeOf(parent)).toEqual({ password: '- 600' });
  });

  it('a password that others can read', async () => {
    await chmod(passwordFile, 0o644);
    await expect(store.prepare(name, { pkcs12PasswordFile: passwordFile })).rejects.toMatchObject({
      code: 'credentials.key-exposed',
      message: `${passwordFile} can be read or changed by others than its owner (mode 0644)`,
    });
  });

  it('a password that is empty, and one that is not there', async () => {
    await writeFile(passwordFile, '\nsecret\n');
    await expect(store.prepare(name, { pkcs12PasswordFile: passwordFile })).rejects.toThrow(
      usage(`${passwordFile} holds no password: its first line is empty`),
    );
    await rm(passwordFile);
    await expect(store.prepare(name, { pkcs12PasswordFile: passwordFile })).rejects.toMatchObject({
      code: 'credentials.file-unreadable',
    });
    await writeFile(passwordFile, '');
  });
});

describe.runIf(isRoot(import.meta.url))('with users of their own,', () => {
  const numbered = async (database: string, entry: string) =>
    Number((await run('getent', [database, entry])).split(':')[2]);
  const reading = async (file: string, uid: number, gid: number) =>
    await run('setpriv', [
      ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', 'cat', live(file)],
    ]).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  beforeEach(async () => {
    await chmod(parent, 0o711);
  });

  it('who is in the group reads the keys, who is not does not even enter', async () => {
    const gid = await numbered('group', 'daemon');
    await store.install(name, files, { keyGroup: 'daemon', combined: true });
    expect(await reading('privkey.pem', stranger, gid)).toBe(files.privkey);
    expect(await reading('combined.pem', stranger, gid)).toContain(files.privkey);
    for (const file of ['privkey.pem', 'combined.pem', 'cert.pem'])
      expect(await reading(file, stranger, stranger)).toContain('Permission denied');
    expect((await lstat(live('cert.pem'))).gid).toBe(0);
  });

  it('an owner reads the keys without being in the group, and can put nothing into the folder', async () => {
    const uid = await numbered('passwd', 'daemon');
    const gid = await numbered('group', 'mail');
    await store.install(name, files, { owner: 'daemon', keyGroup: 'mail' });
    expect(await reading('privkey.pem', uid, stranger)).toBe(files.privkey);
    expect(await reading('privkey.pem', stranger, gid)).toBe(files.privkey);
    expect(await reading('privkey.pem', stranger, stranger)).toContain('Permission denied');
    const folder = await lstat(join(stateDir, 'archive', name, '0001'));
    expect([folder.uid, folder.gid, folder.mode & 0o7777]).toEqual([0, gid, 0o711]);
    expect((await store.live(name))?.files).toEqual(files);
    expect(await store.prune(name, 1, { held: [], needed: [] })).toEqual([]);
  });

  it('who is not root and not in the group is told so, and that only root gives files away', async () => {
    process.seteuid?.(owner);
    try {
      await expect(store.prepare(name, { keyGroup: 'daemon' })).rejects.toMatchObject({
        message: `--key-group: lanacme runs as user id ${owner}, who is not in the group daemon`,
        hint: expect.stringContaining(`usermod -aG daemon ${owner}`) as string,
      });
      await expect(store.prepare(name, { owner: 'daemon' })).rejects.toThrow(
        usage(`--owner: only root can give files to daemon, and lanacme runs as user id ${owner}`),
      );
    } finally {
      process.seteuid?.(0);
    }
  });
});
