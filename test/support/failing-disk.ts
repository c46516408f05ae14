/** Runs a step of `disk-work.ts` on a disk that fails, or in a process that dies, at a call of choice. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { bundleProgram } from './bundle.ts';

export interface DiskRun {
  /** Calls that changed the disk, in order: what and where; a temporary name is `TMP`. */
  readonly calls: readonly string[];
  readonly killed: boolean;
  /** How our code told of a fault. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | undefined;
}

export type RunOnDisk = (fault: string, ...args: readonly string[]) => Promise<DiskRun>;

/** Bundles the step once, so that a run of it takes no longer than Node itself. */
export async function prepareDiskWork(folder: string, root: string): Promise<RunOnDisk> {
  const program = await bundleProgram('disk-work', folder);
  const preload = join(import.meta.dirname, 'failing-disk.mjs');
  return async (fault, ...args) =>
    await new Promise((resolve, reject) => {
      const env = { DISK_FAULT: fault, DISK_ROOT: root };
      execFile(
        process.execPath,
        ['--import', preload, program, ...args],
        { env },
        (failure, stdout, stderr) => {
          const killed = failure?.signal === 'SIGKILL';
          if (failure !== null && !killed) {
            reject(new Error(`disk-work: ${stderr}`, { cause: failure }));
            return;
          }
          const error = stdout === '' ? undefined : (JSON.parse(stdout) as DiskRun['error']);
          resolve({ calls: stderr.split('\n').filter((line) => line !== ''), killed, error });
        },
      );
    });
}
