import type { RenewalSuggestion } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';
import { instant, object, oneOf, readStored, text } from './stored-json.ts';

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
  /** The first instant at which one of them may have something to do; absent if one had when this was written. */
  readonly allRestUntil?: string;
  /**
   * A line for each certificate with nothing to do: its name, until when, and its mark. One text, since checking a
   * thousand members takes longer than all the rest of a run that finds nothing due.
   */
  readonly resting: string;
}

/** A certificate with nothing to do, as it was found. */
export interface RestingEntry {
  readonly name: string;
  readonly until: Date;
  readonly mark: string;
}

/** No certificate is left unseen for longer: files are touched, clocks are set. */
const longestRestMs = 24 * 3600 * 1000;
/** As many records a run are looked at for a change that leaves no trace in their folder: an edit in place. */
const mostProbed = 100;
const hourMs = 3600 * 1000;

/** @throws LanacmeError `state.broken` or `state.newer-version`: then there is none. */
export function parseRenewalIndex(json: unknown, file: string): RenewalIndex {
  const read = object(
    { format: oneOf([1]), told: text(), writtenAt: instant, folders: text(), resting: text() },
    { newest: instant, allRestUntil: instant },
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

/** The entries as they are kept. */
export function restingLines(entries: readonly RestingEntry[]): string {
  return entries.map(({ name, until, mark }) => `${name} ${rfc3339(until)} ${mark}`).join('\n');
}

/** The names of all that rest. */
export function restingNames({ resting }: RenewalIndex): readonly string[] {
  return linesOf(resting).map((line) => line.slice(0, line.indexOf(' ')));
}

function linesOf(resting: string): readonly string[] {
  return resting === '' ? [] : resting.split('\n');
}

/** What a run sees of the world before it has opened anything. */
export interface IndexView {
  readonly told: string;
  readonly folders: string;
  readonly now: Date;
}

/** Until when nothing is to be done for any certificate; nothing if one may have to be looked at. */
export function allRestUntil(index: RenewalIndex | undefined, view: IndexView): Date | undefined {
  if (index?.allRestUntil === undefined || !counts(index, view)) return undefined;
  const until = new Date(index.allRestUntil);
  return index.folders === view.folders && until > view.now ? until : undefined;
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
  for (const line of linesOf(index.resting)) {
    const [name = '', until = '', ...mark] = line.split(' ');
    if (marks.get(name) !== mark.join(' ')) continue;
    const instant = new Date(until);
    if (instant > view.now) found.set(name, instant);
  }
  return found;
}

/** One that was made later than now is of another clock. */
function counts({ told, writtenAt }: RenewalIndex, view: Omit<IndexView, 'folders'>): boolean {
  return told === view.told && Date.parse(writtenAt) <= view.now.getTime();
}
