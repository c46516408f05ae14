import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of one's own that goes away, with all that is in it. */
export interface TempFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function makeTempFolder(purpose = 'test', parent = tmpdir()): Promise<TempFolder> {
  const path = await mkdtemp(join(parent, `lanacme-${purpose}-`));
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Gives `use` a folder and removes it afterwards, whatever happened. */
export async function withTempFolder<T>(
  use: (path: string) => Promise<T>,
  purpose?: string,
  parent?: string,
): Promise<T> {
  const folder = await makeTempFolder(purpose, parent);
  try {
    return await use(folder.path);
  } finally {
    await folder.remove();
  }
}

/** A parent for folders of tests that write a lot: in memory if the machine has that, since fsync costs on a disk. */
export function memoryFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK | constants.X_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
