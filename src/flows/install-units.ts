import { foreignFiles, stateOf } from '../core/systemd-changes.ts';
import type { SystemdInstallation } from '../core/systemd-installation.ts';
import { foreignFile } from '../core/systemd-refusals.ts';
import { SeveralErrors } from '../errors.ts';
import type { SystemdPorts } from '../ports/systemd.ts';
import { readUnitFiles } from './read-unit-files.ts';

export interface InstalledFile {
  readonly path: string;
  readonly change: 'written' | 'unchanged';
}

/**
 * Brings the files to where systemd looks for them, and has it read them; those that are as they should be stay
 * untouched. The commands run in any case, so that what an earlier run did not come to is done.
 *
 * @throws SeveralErrors, with nothing written, if files of others are in the way.
 */
export async function installUnits(
  { install }: SystemdInstallation,
  { files, manager }: Pick<SystemdPorts, 'files' | 'manager'>,
  signal: AbortSignal,
): Promise<readonly InstalledFile[]> {
  const all = install.flatMap((stage) => stage.files);
  const found = readUnitFiles(all, files);
  const foreign = foreignFiles(all, found);
  if (foreign.length > 0) throw new SeveralErrors(foreign.map(foreignFile));
  const installed: InstalledFile[] = [];
  for (const stage of install) {
    const outdated = stage.files.filter((file) => stateOf(file, found) !== 'same');
    for (const file of outdated) await files.write(file);
    if (stage.isForNew !== true || outdated.length > 0) {
      for (const command of stage.commands) await manager.run(command, signal);
    }
    installed.push(
      ...stage.files.map((file): InstalledFile => {
        return { path: file.path, change: outdated.includes(file) ? 'written' : 'unchanged' };
      }),
    );
  }
  return installed;
}
