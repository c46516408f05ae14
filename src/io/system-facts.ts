import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type InstalledProgram, systemEnvFile } from '../core/systemd-files.ts';
import { type SystemFacts, unitStateDir } from '../core/systemd-notes.ts';
import { closedToOthers } from './installed-program.ts';

/** Where packages of Debian put units. */
const packageFolders = ['/usr/lib/systemd/system', '/lib/systemd/system'];

/** Made by systemd when it is the init, and by nobody else (sd_booted(3)). */
const runningSystemd = '/run/systemd/system';

/** @param program what the units run */
export function systemFacts(program: InstalledProgram): SystemFacts {
  const [envFile, stateDir] = [found(systemEnvFile), found(unitStateDir)];
  const packagedUnit = packageFolders
    .map((folder) => join(folder, 'lanacme-renew.service'))
    .find((path) => found(path) !== undefined);
  const earlierTimer = found('/etc/systemd/system/lanacme.timer') !== undefined;
  const closedProgram = closedToOthers(program);
  return {
    ...(closedProgram === undefined ? {} : { closedProgram }),
    ...(found(runningSystemd) === undefined ? { isOffline: true } : {}),
    ...(earlierTimer ? { earlierTimer } : {}),
    ...(packagedUnit === undefined ? {} : { packagedUnit }),
    ...(envFile === undefined ? {} : { envFile }),
    ...(stateDir === undefined ? {} : { stateDir }),
  };
}

function found(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
