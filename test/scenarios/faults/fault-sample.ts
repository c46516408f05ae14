/** What `npm test` does of the table: enough to see each of its ends. The long form does all of it. */
import type { FaultRow } from './fault-row.ts';

/** The first row of each way to end, by what is told and what is left. */
export function oneOfEachEnd(rows: readonly FaultRow[]): readonly FaultRow[] {
  const ends = new Map<string, FaultRow>();
  for (const row of rows) {
    const end = endOf(row);
    if (!ends.has(end)) ends.set(end, row);
  }
  return [...ends.values()];
}

/** The first row of each exit code: for what another identity does not change, unless something is very wrong. */
export function oneOfEachExit(rows: readonly FaultRow[]): readonly FaultRow[] {
  return [...new Map(rows.toReversed().map((row) => [row.exit, row])).values()].toReversed();
}

/** A run that succeeds all the same does so by another way wherever it is struck. */
function endOf({ fault, codes, exit, leftovers = [], pair }: FaultRow): string {
  const struck = exit === 0 ? fault.split(/[:,]/, 1) : [];
  return [codes, exit, leftovers, pair, struck].join(' | ');
}
