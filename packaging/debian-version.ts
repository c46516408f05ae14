/**
 * The package's version, by npm's: `1.2.3` is `1.2.3-1`, and `1.2.3-rc.1` is `1.2.3~rc.1-1`, which Debian sorts before it,
 * as npm does (deb-version(7)).
 *
 * @throws Error if it is no version of npm's.
 */
export function debianVersion(version: string): string {
  const [, release, candidate] = /^(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.]+))?$/.exec(version) ?? [];
  if (release === undefined) throw new Error(`not a version such as 1.2.3 or 1.2.3-rc.1: ${version}`);
  return candidate === undefined ? `${release}-1` : `${release}~${candidate}-1`;
}
