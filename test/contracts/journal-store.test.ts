import { join } from 'node:path';
import { afterAll } from 'vitest';
import { FileJournalStore } from '../../src/io/journal-store.ts';
import { FakeJournalStore } from '../fakes/journal-store.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { journalStoreContract } from './journal-store.contract.ts';

const folder = await makeTempFolder('journal');
let stores = 0;
afterAll(async () => {
  await folder.remove();
});

journalStoreContract('files', async () => {
  stores += 1;
  return await Promise.resolve(new FileJournalStore(join(folder.path, String(stores))));
});

journalStoreContract('memory', async () => await Promise.resolve(new FakeJournalStore()));
