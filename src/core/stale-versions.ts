import { byNumber } from './version-layout.ts';

export interface VersionsInUse {
  readonly live: string | undefined;
  /** A person went back from them: they are the first to go. */
  readonly held: readonly string[];
  /** Needed whatever their age: a newer version that is to be tried again. */
  readonly needed: readonly string[];
}

/**
 * The versions to remove so that `keep` stay, oldest first. The newest always stays: its number, of all that were ever
 * given, is what the next one is counted from.
 */
export function staleVersions(
  present: readonly string[],
  { live, held, needed }: VersionsInUse,
  keep: number,
): readonly string[] {
  const newestFirst = present.toSorted((one, other) => byNumber(other, one));
  const isNeeded = (version: string): boolean =>
    version === live || version === newestFirst[0] || needed.includes(version);
  const rest = newestFirst.filter((version) => !isNeeded(version));
  const isHeld = (version: string): boolean => held.includes(version);
  const byWorth = [...rest.filter((version) => !isHeld(version)), ...rest.filter(isHeld)];
  const room = Math.max(0, keep - (newestFirst.length - rest.length));
  return byWorth.slice(room).sort(byNumber);
}
