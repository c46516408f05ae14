import type { RenewalSuggestion } from './certificate-record.ts';
import { instant, object, oneOf, readStored, table, text } from './stored-json.ts';

/**
 * What the last `renew` found, so that the next one need not read a thousand records to learn that nothing is due. It
 * can be lost or be wrong without harm: an entry counts only while everything that it was made from is untouched.
 */
export interface RenewalIndex {
  readonly format: 1;
  /** What `renew` was told: with other words, everything is looked at again. */
  readonly told: string;
  readonly writtenAt: string;
  /** The latest thing that any record says has happened, if there is one. */
  readonly newest?: string;
  readonly resting: Readonly<Record<string, Resting>>;
}

/** A certificate with nothing to do before an instant. */
export interface Resting {
  /** Of its record, its link and its version as they were then. */
  readonly mark: string;
  readonly until: string;
}

const resting = table(object({ mark: text(), until: instant }, {}));

/** @throws LanacmeError `state.broken` or `state.newer-version`: then there is none. */
export function parseRenewalIndex(json: unknown, file: string): RenewalIndex {
  const read = object({ format: oneOf([1]), told: text(), writtenAt: instant, resting }, { newest: instant });
  return readStored(json, file, read, 'remove the file: the next run makes it anew');
}

/** No certificate is left unseen for longer: files are touched, clocks are set. */
const longestRestMs = 24 * 3600 * 1000;

/** Until when there is surely nothing to do for a certificate that is due at `renewAt`. */
export function restUntil(renewAt: Date, ari: RenewalSuggestion | undefined, now: Date): Date {
  const instants = [renewAt.getTime(), now.getTime() + longestRestMs];
  if (ari !== undefined) instants.push(Date.parse(ari.askAgainAt));
  if (ari?.window !== undefined) instants.push(Date.parse(ari.window.start));
  return new Date(Math.min(...instants));
}

/** Which of these certificates have nothing to do now, and until when; none if the index is for something else. */
export function restingUntil(
  index: RenewalIndex | undefined,
  marks: ReadonlyMap<string, string>,
  told: string,
  now: Date,
): ReadonlyMap<string, Date> {
  // Made later than now: one of the two clocks was wrong.
  if (index === undefined || index.told !== told || new Date(index.writtenAt) > now) return new Map();
  const found = Array.from(marks, ([name, mark]): readonly [string, Date | undefined] => {
    const entry = Object.hasOwn(index.resting, name) ? index.resting[name] : undefined;
    return [name, entry?.mark === mark ? new Date(entry.until) : undefined];
  });
  return new Map(found.filter((entry): entry is [string, Date] => entry[1] !== undefined && entry[1] > now));
}
