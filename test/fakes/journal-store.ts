import type { JournalEntry } from '../../src/core/journal.ts';
import type { JournalStore } from '../../src/ports.ts';

/** A journal in memory; `history` tells in which order it was written. */
export class FakeJournalStore implements JournalStore {
  readonly history: string[] = [];
  readonly #entries = new Map<string, JournalEntry>();

  async entries(): Promise<readonly JournalEntry[]> {
    return await Promise.resolve([...this.#entries.values()]);
  }

  async save(entry: JournalEntry): Promise<void> {
    this.history.push(`save ${entry.changeIds.length} change ids`);
    this.#entries.set(entry.id, entry);
    await Promise.resolve();
  }

  async remove(id: string): Promise<void> {
    this.history.push('remove');
    this.#entries.delete(id);
    await Promise.resolve();
  }
}
