/** What the person should know who had the units installed. */
import { systemEnvFile } from './systemd-files.ts';

/** How things were found after the installation. */
export interface SystemFacts {
  /** A unit of the Debian package, by its path. */
  readonly packagedUnit?: string;
  /** Of the env file. */
  readonly envFile?: { readonly gid: number; readonly mode: number };
  /** Of the folder that the units keep state in. */
  readonly stateDir?: { readonly uid: number };
}

export const unitStateDir = '/var/lib/lanacme';

/** @param stateDir what the configuration says; the units may write to one folder only. */
export function systemNotes({ envFile, stateDir: folder }: SystemFacts, stateDir: string): readonly string[] {
  return [
    ...(stateDir === unitStateDir ? [] : [elsewhere(stateDir)]),
    ...(folder?.uid === 0 ? [ofRoot] : []),
    ...(envFile === undefined || isReadable(envFile) ? [] : [closedEnvFile]),
  ];
}

function elsewhere(stateDir: string): string {
  return `the state folder is ${stateDir}, and the units may write to ${unitStateDir}: leave LANACME_STATE_DIR out, or give lanacme-renew.service and lanacme-issue@.service a drop-in with ReadWritePaths=${stateDir}`;
}

const ofRoot = `${unitStateDir} belongs to root: the first run of lanacme-renew.service gives it to user lanacme; add that user to the groups of --key-group first (usermod -aG GROUP lanacme), and know that --owner needs root`;

const closedEnvFile = `user lanacme cannot read ${systemEnvFile}: chgrp lanacme ${systemEnvFile} && chmod 0640 ${systemEnvFile}`;

/** Root's own group has no members that are meant. */
function isReadable({ gid, mode }: NonNullable<SystemFacts['envFile']>): boolean {
  return (mode & 0o004) !== 0 || (gid !== 0 && (mode & 0o040) !== 0);
}
