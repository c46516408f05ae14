/** What the person should know who had the units installed. */
import { systemEnvFile } from './systemd-files.ts';

/** How things are on a host. */
export interface SystemFacts {
  /** Its systemd does not run: a chroot, or an image that is being made. */
  readonly isOffline?: true;
  /** A unit of the Debian package, by its path. */
  readonly packagedUnit?: string;
  /** A unit that the README of 0.1.0 had people write. */
  readonly earlierTimer?: true;
  /** Of the env file. */
  readonly envFile?: { readonly gid: number; readonly mode: number };
  /** The first file or folder of what the units run that only its owner may read or enter. */
  readonly closedProgram?: string;
  /** Of the folder that the units keep state in. */
  readonly stateDir?: { readonly uid: number };
}

export const unitStateDir = '/var/lib/lanacme';

/**
 * @param before how things were before the installation; what follows is how they are now
 * @param stateDir what the configuration says; the units may write to one folder only
 */
export function systemNotes(
  before: SystemFacts,
  { envFile, closedProgram }: SystemFacts,
  stateDir: string,
): readonly string[] {
  return [
    ...(before.isOffline === true ? [offline] : []),
    ...(stateDir === unitStateDir ? [] : [elsewhere(stateDir)]),
    ...(before.stateDir?.uid === 0 ? [ofRoot] : []),
    ...(before.earlierTimer === true ? [earlier] : []),
    ...(envFile === undefined || isReadable(envFile) ? [] : [closedEnvFile]),
    ...(closedProgram === undefined ? [] : [closed(closedProgram)]),
  ];
}

function elsewhere(stateDir: string): string {
  return `the state folder is ${stateDir}, and the units may write to ${unitStateDir}: leave LANACME_STATE_DIR out, or give lanacme-renew.service and lanacme-issue@.service a drop-in with ReadWritePaths=${stateDir}`;
}

const offline = 'systemd does not run here: it reads the units when it starts';

const ofRoot = `${unitStateDir} was root's and is user lanacme's now: add that user to the groups that --key-group names (usermod -aG GROUP lanacme), and move hooks that need root from certificates to ${systemEnvFile}; --owner needs root and fails from now on`;

const earlier =
  'lanacme.timer, of earlier instructions, renews as well: systemctl disable --now lanacme.timer, and remove it';

const closedEnvFile = `user lanacme cannot read ${systemEnvFile}: chgrp lanacme ${systemEnvFile} && chmod 0640 ${systemEnvFile}`;

function closed(path: string): string {
  return `user lanacme cannot read ${path}, and so not run lanacme: install it again under umask 022, or let others read it (chmod go+rX)`;
}

/** Root's own group has no members that are meant. */
function isReadable({ gid, mode }: NonNullable<SystemFacts['envFile']>): boolean {
  return (mode & 0o004) !== 0 || (gid !== 0 && (mode & 0o040) !== 0);
}
