import { maintainer } from './control.ts';

/** Debian's changelog of a package that is made anew from each version: one entry. */
export function debianChangelog(version: string, date: Date): string {
  return `lanacme (${version}-1) stable; urgency=medium

  * Version ${version}: what is new is in changelog.gz.

 -- ${maintainer}  ${date.toUTCString().replace('GMT', '+0000')}
`;
}
