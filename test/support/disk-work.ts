/** What the tests of a failing disk run in a process of its own: one step of work on a state folder. */
import { readFile } from 'node:fs/promises';
import type { InstallTerms } from '../../src/core/install-terms.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { FileAccountStore } from '../../src/io/account-store.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { FileJournalStore } from '../../src/io/journal-store.ts';

const [work = '', stateDir = '', argument = '', more = '{}'] = process.argv.slice(2);
const name = parseCertificateName('lan.example');

const works: Readonly<Record<string, () => Promise<unknown>>> = {
  install: async () => {
    const files = JSON.parse(await readFile(argument, 'utf8')) as Parameters<
      FileCertificateStore['install']
    >[1];
    return await new FileCertificateStore(stateDir).install(name, files, JSON.parse(more) as InstallTerms);
  },
  'point-to': async () => await new FileCertificateStore(stateDir).pointTo(name, argument),
  prune: async () => await new FileCertificateStore(stateDir).prune(name, 1, { held: [], needed: [] }),
  remove: async () => await new FileCertificateStore(stateDir).remove(name),
  record: async () => {
    const record = JSON.parse(argument) as Parameters<FileCertificateStore['saveRecord']>[0];
    await new FileCertificateStore(stateDir).saveRecord(record);
  },
  'save-journal': async () => {
    const entry = JSON.parse(argument) as Parameters<FileJournalStore['save']>[0];
    await new FileJournalStore(stateDir).save(entry);
  },
  'remove-journal': async () => {
    await new FileJournalStore(stateDir).remove(argument);
  },
  'save-key': async () => {
    await new FileAccountStore(stateDir).saveKey('https://ca.example/dir', argument);
  },
};

try {
  await works[work]?.();
} catch (error) {
  if (!(error instanceof LanacmeError)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
}
