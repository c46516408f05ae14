/** Adds executables to `/etc/lanacme/deploy.d`, as root: what stands there already is never touched. */
import { dirname, join } from 'node:path';
import { LanacmeError } from '../errors.ts';
import type { DeployFolder } from '../ports/import.ts';
import { createFile, makeFolder } from './atomic-file.ts';
import { errnoOf } from './file-failure.ts';
import { deployFolder } from './host-hooks.ts';
import { distrustOf } from './trusted-path.ts';

export function makeDeployFolder(path = deployFolder): DeployFolder {
  return {
    path,
    add: async ({ name, content }) => {
      for (const folder of [dirname(path), path]) makeIfMissing(folder);
      requireTrust(path);
      try {
        await createFile(join(path, name), content, 0o755);
        return true;
      } catch (error) {
        if (error instanceof LanacmeError && errnoOf(error.cause) === 'EEXIST') return false;
        throw error;
      }
    },
  };
}

function makeIfMissing(path: string): void {
  try {
    makeFolder(path, 0o755);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

function requireTrust(path: string): void {
  const found = distrustOf(path, process.geteuid?.() ?? -1, true);
  if (found === undefined) return;
  throw new LanacmeError('import.unsafe', `${found.at} ${found.problem}: no hook of root is put below it`, {
    hint: `see who wrote there, then: chown root '${found.at}' && chmod go-w '${found.at}'`,
  });
}
