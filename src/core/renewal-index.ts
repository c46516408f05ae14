import type { RenewalSuggestion } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';
import { instant, object, oneOf, readStored, table, text, truth } from './stored-json.ts';

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
  /** The mark of the folders with all records and links: whatever is made, replaced or removed there changes it. */
  readonly folders: string;
  /** Whether every certificate is in it. */
  readonly isWhole: boolean;
  /** Of each certificate with nothing to do: the instant before which that holds, a space, and its mark. */
  readonly resting: Readonly<Record<string, string>>;
}

/** An instant in RFC 3339, whole seconds in UTC: such texts sort like the instants. */
const untilPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /;
const untilLength = '2026-11-22T12:00:00Z'.length;
/** No certificate is left unseen for longer: files are touched, clocks are set. */
const longestRestMs = 24 * 3600 * 1000;
/** As many records a run are looked at for a change that leaves no trace in their folder: an edit in place. */
const mostProbed = 100;
const hourMs = 3600 * 1000;

/** @throws LanacmeError `state.broken` or `state.newer-version`: then there is none. */
export function parseRenewalIndex(json: unknown, file: string): RenewalIndex {
  const resting = table(text(untilPattern, 'is not an instant and a mark'));
  const read = object(
    { format: oneOf([1]), told: text(), writtenAt: instant, folders: text(), isWhole: truth, resting },
    { newest: instant },
  );
  return readStored(json, file, read, 'remove the file: the next run makes it anew');
}

/** Until when there is surely nothing to do for a certificate that is due at `renewAt`. */
export function restUntil(renewAt: Date, ari: RenewalSuggestion | undefined, now: Date): Date {
  const instants = [renewAt.getTime(), now.getTime() + longestRestMs];
  if (ari !== undefined) instants.push(Date.parse(ari.askAgainAt));
  if (ari?.window !== undefined) instants.push(Date.parse(ari.window.start));
  return new Date(Math.min(...instants));
}

/** What is noted of a certificate with this mark. */
export function restingEntry(until: Date, mark: string): string {
  return `${rfc3339(until)} ${mark}`;
}

/** What a run sees of the world before it has opened anything. */
export interface IndexView {
  readonly told: string;
  readonly folders: string;
  readonly now: Date;
}

/** Until when nothing is to be done for any certificate; nothing if one may have to be looked at. */
export function allRestUntil(index: RenewalIndex | undefined, view: IndexView): Date | undefined {
  if (index?.isWhole !== true || !counts(index, view) || index.folders !== view.folders) return undefined;
  let first = '~';
  for (const entry of Object.values(index.resting)) if (entry < first) first = entry;
  const until = first === '~' ? NaN : Date.parse(first.slice(0, untilLength));
  return until > view.now.getTime() ? new Date(until) : undefined;
}

/** The certificates to be probed in this hour: all in turn, or all at once if they are few. */
export function namesToProbe(names: readonly string[], now: Date): readonly string[] {
  if (names.length <= mostProbed) return names;
  const first = (Math.floor(now.getTime() / hourMs) * mostProbed) % names.length;
  return [...names, ...names].slice(first, first + mostProbed);
}

/** Which of these certificates have nothing to do now, and until when; none if the index is for something else. */
export function restingUntil(
  index: RenewalIndex | undefined,
  marks: ReadonlyMap<string, string>,
  view: Omit<IndexView, 'folders'>,
): ReadonlyMap<string, Date> {
  const found = new Map<string, Date>();
  if (index === undefined || !counts(index, view)) return found;
  for (const [name, mark] of marks) {
    const entry = Object.hasOwn(index.resting, name) ? index.resting[name] : undefined;
    const until = Date.parse(entry?.slice(0, untilLength) ?? '');
    if (entry?.slice(untilLength + 1) === mark && until > view.now.getTime())
      found.set(name, new Date(until));
  }
  return found;
}

/** One that was made later than now is of another clock. */
function counts({ told, writtenAt }: RenewalIndex, view: Omit<IndexView, 'folders'>): boolean {
  return told === view.told && Date.parse(writtenAt) <= view.now.getTime();
}
