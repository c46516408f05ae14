import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/core/ledger-entry.ts';
import { FileLedgerStore } from '../../src/io/ledger-store.ts';
import { treeOf } from '../support/modes.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';

const url = 'https://ca.example/directory';
const entries: readonly LedgerEntry[] = [{ kind: 'order', at: '2026-01-01T00:00:00Z' }];
let folder: TempFolder;
let store: FileLedgerStore;
let stateDir: string;

beforeEach(async () => {
  folder = await makeTempFolder('ledger', memoryFolder());
  stateDir = join(folder.path, 'state');
  store = new FileLedgerStore(stateDir);
});
afterEach(async () => {
  await folder.remove();
});

describe('the ledgers on disk', () => {
  it('are not made by reading', async () => {
    expect(await store.read(url)).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('are read as they were saved, each CA its own, by this user alone', async () => {
    await store.save(url, entries);
    expect(await new FileLedgerStore(stateDir).read(url)).toEqual(entries);
    expect(await store.read('https://ca.example/other')).toEqual([]);
    const tree = await treeOf(stateDir);
    expect(Object.values(tree)).toEqual(['d 700', '- 600']);
    await store.save(url, []);
    expect(await store.read(url)).toEqual([]);
  });

  it('that somebody has broken are told, with the file and the way out', async () => {
    await store.save(url, entries);
    const [file = ''] = await readdir(join(stateDir, 'ledger'));
    await writeFile(join(stateDir, 'ledger', file), '{"format":1}');
    await expect(store.read(url)).rejects.toMatchObject({
      code: 'state.broken',
      message: expect.stringContaining(file) as string,
      hint: expect.stringContaining('move it away') as string,
    });
  });
});
