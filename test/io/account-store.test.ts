import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountPath } from '../../src/core/account-path.ts';
import { FileAccountStore } from '../../src/io/account-store.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { treeOf, withUmask } from '../support/modes.ts';

const directory = 'https://ca.example:14000/dir';
const { privkey: key } = await makeCertificateFiles();
const { privkey: otherKey } = await makeCertificateFiles();
const account = { url: 'https://ca.example/acct/1', contacts: ['mailto:me@lan.example'] };

let parent: string;
let folder: string;
let store: FileAccountStore;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lanacme-account-'));
  folder = join(parent, 'state', accountPath(directory));
  store = new FileAccountStore(join(parent, 'state'));
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

describe('the account of a CA', () => {
  it('is not there at first, and looking makes nothing', async () => {
    expect(await store.read(directory)).toBeUndefined();
    expect(await treeOf(parent)).toEqual({});
  });

  it('is a key before the CA has answered, then a URL too', async () => {
    await store.saveKey(directory, key);
    expect(await store.read(directory)).toEqual({ keyPem: key });
    await store.saveAccount(directory, account);
    expect(await store.read(directory)).toEqual({ keyPem: key, url: account.url });
    expect(await store.read('https://ca.example:14000/other')).toBeUndefined();
  });

  it.each(['000', '777'])('has exact modes under umask %s', async (umask) => {
    await withUmask(Number.parseInt(umask, 8), async () => {
      await store.saveKey(directory, key);
      await store.saveAccount(directory, account);
    });
    const own = `state/${accountPath(directory)}`;
    expect(await treeOf(parent)).toEqual({
      state: 'd 700',
      'state/accounts': 'd 700',
      [own]: 'd 700',
      [`${own}/account.json`]: '- 600',
      [`${own}/key.pem`]: '- 600',
    });
  });

  it('keeps its key: another one is refused', async () => {
    await store.saveKey(directory, key);
    await expect(store.saveKey(directory, otherKey)).rejects.toMatchObject({
      code: 'state.unwritable',
      message: `cannot write ${folder}/key.pem: it is there already`,
    });
    expect(await readFile(join(folder, 'key.pem'), 'utf8')).toBe(key);
    expect(Object.keys(await treeOf(folder))).toEqual(['key.pem']);
  });

  it('can be renamed by the CA', async () => {
    await store.saveKey(directory, key);
    await store.saveAccount(directory, account);
    await store.saveAccount(directory, { url: 'https://ca.example/acct/2', contacts: [] });
    expect(await store.read(directory)).toEqual({ keyPem: key, url: 'https://ca.example/acct/2' });
  });

  const whole = { format: 1, directory, ...account };
  it.each<[string, string, string, string]>([
    ['key.pem', 'x', 'state.broken', 'is not a private key'],
    ['account.json', '{', 'state.broken', 'is not JSON'],
    ['account.json', '{"format": 2}', 'state.newer-version', 'has format 2, and this lanacme knows 1'],
    [
      'account.json',
      JSON.stringify({ ...whole, directory: 'https://other.example/' }),
      'state.broken',
      `is broken: directory is not ${directory}`,
    ],
    [
      'account.json',
      JSON.stringify({ ...whole, url: 'acct/1' }),
      'state.broken',
      'is broken: url is not a URL',
    ],
    [
      'account.json',
      JSON.stringify({ ...whole, contacts: 'me' }),
      'state.broken',
      'is broken: contacts is not a list',
    ],
  ])('with a broken %s says so', async (file, content, code, what) => {
    await store.saveKey(directory, key);
    await writeFile(join(folder, file), content);
    await expect(store.read(directory)).rejects.toMatchObject({ code, message: `${folder}/${file} ${what}` });
  });
});
