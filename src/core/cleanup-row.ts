import type { JournalEntry } from './journal.ts';

/** One challenge value of an interrupted run, and what became of it: what `cleanup --json` tells of each. */
export interface CleanupRow {
  readonly name: string;
  readonly type: 'TXT';
  /** Route 53's text, quoted. */
  readonly value: string;
  readonly zone: string;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  readonly certificate: string;
  /** When the run was about to send it, RFC 3339. */
  readonly sentAt: string;
  readonly state: 'removed' | 'left' | 'to be removed';
}

/** A row for each value of the entries that were found; nothing is removed in a dry run. */
export function cleanupRows(
  found: readonly JournalEntry[],
  removed: readonly JournalEntry[],
  dryRun: boolean,
): readonly CleanupRow[] {
  return found.flatMap((entry) => {
    const isRemoved = removed.some(({ id }) => id === entry.id);
    const state = dryRun ? 'to be removed' : isRemoved ? 'removed' : 'left';
    const { zone, zoneId, certificate, createdAt: sentAt } = entry;
    return entry.records.map(
      ({ name, value }): CleanupRow => ({
        name,
        type: 'TXT',
        value,
        zone,
        zoneId,
        certificate,
        sentAt,
        state,
      }),
    );
  });
}

const words: Readonly<Record<CleanupRow['state'], string>> = {
  removed: 'removed',
  left: 'could not remove',
  'to be removed': 'would remove',
};

/** For a person: a line for each value. */
export function cleanupText(rows: readonly CleanupRow[]): string {
  if (rows.length === 0) return 'nothing to clean up';
  return rows
    .map(
      ({ name, value, certificate, sentAt, state }) =>
        `${words[state]} ${name} TXT ${value} (of ${certificate}, sent ${sentAt})`,
    )
    .join('\n');
}
