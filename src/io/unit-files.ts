import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SystemdFile } from '../core/systemd-files.ts';
import { LanacmeError } from '../errors.ts';
import type { UnitFiles } from '../ports/systemd.ts';
import { makeFolder, removeIfThere, replaceFile } from './atomic-file.ts';
import { fileFailure } from './file-failure.ts';
import { readSmallFile } from './small-file.ts';

/** @param folderMode of folders that have to be made */
export function makeUnitFiles(folderMode: number): UnitFiles {
  return {
    read: (path) => {
      try {
        return readSmallFile(path);
      } catch (error) {
        throw aboutUnits(error);
      }
    },
    write: async ({ path, text, mode }: SystemdFile) => {
      try {
        makeFolders(dirname(path), folderMode);
        await replaceFile(path, text, mode);
      } catch (error) {
        throw aboutUnits(fileFailure(error, 'write', path));
      }
    },
    remove: async (path) => {
      try {
        await removeIfThere(path);
      } catch (error) {
        throw aboutUnits(error);
      }
    },
  };
}

function makeFolders(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path), mode);
  makeFolder(path, mode);
}

/** Advice on the state folder does not help here. */
function aboutUnits(error: unknown): unknown {
  return error instanceof LanacmeError
    ? error.withHint('mend what is said here, then run lanacme systemd again: it goes on from there')
    : error;
}
