import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseCertificateName } from '../../src/core/names.ts';
import type { RenewalIndex } from '../../src/core/renewal-index.ts';
import { FileRenewalIndex } from '../../src/io/renewal-index.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const name = parseCertificateName('lan.example');
const index: RenewalIndex = {
  format: 1,
  told: '',
  writtenAt: '2026-11-22T11:00:00Z',
  folders: '',
  resting: '',
};
let folder: TempFolder;
let state: string;
let store: FileRenewalIndex;

beforeEach(async () => {
  folder = await makeTempFolder('renewals');
  state = join(folder.path, 'state');
  store = new FileRenewalIndex(state);
  await mkdir(join(state, 'archive', name, '0001'), { recursive: true, mode: 0o700 });
  for (const made of ['certificates', 'live']) await mkdir(join(state, made));
  await writeFile(join(state, 'certificates', `${name}.json`), '{}');
  await writeFile(join(state, 'archive', name, '0001', 'privkey.pem'), 'key');
  await symlink(`../archive/${name}/0001`, join(state, 'live', name));
});
afterEach(async () => {
  await folder.remove();
});

test('what was found is read again', async () => {
  expect(await store.read()).toBeUndefined();
  await store.save(index);
  expect(await store.read()).toEqual(index);
});

test('nothing is made where there is no state folder', async () => {
  const none = new FileRenewalIndex(join(folder.path, 'none'));
  await none.save(index);
  expect(await none.read()).toBeUndefined();
});

test.each<[string, () => Promise<void>]>([
  [
    'its record is replaced',
    async () => {
      await writeFile(join(state, 'certificates', 'new'), '{}');
      await rename(join(state, 'certificates', 'new'), join(state, 'certificates', `${name}.json`));
    },
  ],
  [
    'its record is edited in place',
    async () => {
      await writeFile(join(state, 'certificates', `${name}.json`), '{ }');
    },
  ],
  [
    'its record has another time',
    async () => {
      await utimes(join(state, 'certificates', `${name}.json`), 1, 1);
    },
  ],
  [
    'its link points elsewhere',
    async () => {
      await rm(join(state, 'live', name));
      await symlink(`../archive/${name}/0002`, join(state, 'live', name));
    },
  ],
  [
    'its link is gone',
    async () => {
      await rm(join(state, 'live', name));
    },
  ],
])('a certificate has another mark when %s', async (_title, touch) => {
  const before = await store.marks([name]);
  expect(await store.marks([name])).toEqual(before);
  await touch();
  expect(await store.marks([name])).not.toEqual(before);
});

test('the folders have another mark when a record or a link is replaced', async () => {
  const before = await store.folders();
  expect(await store.folders()).toBe(before);
  await rename(join(state, 'certificates', `${name}.json`), join(state, 'certificates', 'other.json'));
  const after = await store.folders();
  expect(after).not.toBe(before);
  await rm(join(state, 'live', name));
  expect(await store.folders()).not.toBe(after);
});
