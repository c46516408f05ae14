/** What `npm test` does of the table: enough to see each of its ends. The long form does all of it. */
import type { FaultRow } from './fault-row.ts';

/** Rows by what is struck. */
export type FaultFamilies = Readonly<Record<string, readonly FaultRow[]>>;

/** The first row of each way to end, by what is told and what is left. A way that several families have is the first one's. */
export function oneOfEachEnd(families: FaultFamilies): FaultFamilies {
  const ends = new Set<string>();
  return sample(families, (row) => {
    const end = endOf(row);
    const isNew = !ends.has(end);
    ends.add(end);
    return isNew;
  });
}

/** The first row of each exit code: for what another identity does not change, unless something is very wrong. */
export function oneOfEachExit(families: FaultFamilies): FaultFamilies {
  return sample(families, (row, rows) => rows.find(({ exit }) => exit === row.exit) === row);
}

function sample(
  families: FaultFamilies,
  isIn: (row: FaultRow, rows: readonly FaultRow[]) => boolean,
): FaultFamilies {
  return Object.fromEntries(
    Object.entries(families).map(([family, rows]) => [family, rows.filter((row) => isIn(row, rows))]),
  );
}

/** A run that succeeds all the same does so by another way wherever it is struck. */
function endOf({ fault, codes, exit, leftovers = [], pair }: FaultRow): string {
  const struck = exit === 0 ? fault.split(/[:,]/, 1) : [];
  return [codes, exit, leftovers, pair, struck].join(' | ');
}
