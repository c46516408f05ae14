/** What every JournalStore does: the files, and the one in memory that flows are tested with. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import type { JournalStore } from '../../src/ports.ts';

export function journalEntry(id: string, changeIds: readonly string[] = []): JournalEntry {
  return {
    format: 1,
    id,
    certificate: parseCertificateName('lan.example'),
    zone: parseDnsName('lan.example'),
    zoneId: 'Z0123456789EXAMPLE',
    createdAt: '2026-11-22T12:00:00Z',
    records: [{ name: parseDnsName('_acme-challenge.lan.example'), value: '"value"' }],
    changeIds,
  };
}

export function journalStoreContract(what: string, make: () => Promise<JournalStore>): void {
  describe(`${what}: a JournalStore`, () => {
    let store: JournalStore;
    beforeEach(async () => {
      store = await make();
    });

    it('is empty at first', async () => {
      expect(await store.entries()).toEqual([]);
    });

    it('keeps what was saved', async () => {
      await store.save(journalEntry('a'));
      await store.save(journalEntry('b', ['C1', 'C2']));
      expect(await store.entries()).toEqual([journalEntry('a'), journalEntry('b', ['C1', 'C2'])]);
    });

    it('replaces the entry with the same id', async () => {
      await store.save(journalEntry('a'));
      await store.save(journalEntry('a', ['C1']));
      expect(await store.entries()).toEqual([journalEntry('a', ['C1'])]);
    });

    it('takes many at once', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
      await Promise.all(
        ids.map(async (id) => {
          await store.save(journalEntry(id));
        }),
      );
      await Promise.all(
        ids.slice(1).map(async (id) => {
          await store.remove(id);
        }),
      );
      expect(await store.entries()).toEqual([journalEntry('a')]);
    });

    it('removes an entry, and minds no second removal', async () => {
      await store.save(journalEntry('a'));
      await store.remove('a');
      await store.remove('a');
      expect(await store.entries()).toEqual([]);
    });
  });
}
