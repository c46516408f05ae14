/** What `npm test` does of the table: enough to see each of its ends. The long form does all of it. */
import type { FaultRow } from './fault-row.ts';

/** Rows by what is struck. */
export type FaultFamilies = Readonly<Record<string, readonly FaultRow[]>>;

/**
 * The first row of each way in which a run of its family ends: exit code, what is left, what becomes of the certificate.
 * Which code and sentence a refusal gets is told for each of them by the tests of core and io, without a process.
 */
export function oneOfEachEnd(families: FaultFamilies): FaultFamilies {
  return sample(families, (row, rows) => rows.find((other) => endOf(other) === endOf(row)) === row);
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

function endOf({ exit, leftovers = [], pair }: FaultRow): string {
  return [exit, leftovers, pair].join(' | ');
}
