import { maintainer } from './control.ts';
import { debianVersion } from './debian-version.ts';

/** Debian's changelog of a package that is made anew from each version: one entry. */
export function debianChangelog(version: string, date: Date): string {
  return `lanacme (${debianVersion(version)}) stable; urgency=medium

  * Version ${version}: what is new is in changelog.gz.

 -- ${maintainer}  ${date.toUTCString().replace('GMT', '+0000')}
`;
}
