import { LanacmeError, SeveralErrors } from '../errors.ts';
import type { JournalStore } from '../ports.ts';

/** Whether no earlier run left a challenge. A journal that cannot be read is something to do: to tell. */
export async function isJournalEmpty(journal: JournalStore): Promise<boolean> {
  try {
    return (await journal.entries()).length === 0;
  } catch (error) {
    if (error instanceof LanacmeError || error instanceof SeveralErrors) return false;
    throw error;
  }
}
