import { isRemovable } from '../core/systemd-changes.ts';
import type { SystemdInstallation } from '../core/systemd-installation.ts';
import type { SystemdPorts } from '../ports/systemd.ts';
import { readUnitFiles } from './read-unit-files.ts';

/**
 * Ends what the units run, and removes the files that `install` wrote, and nothing else; returns their paths. Without
 * any of them, systemd is asked for nothing: units of this name are then somebody else's.
 */
export async function uninstallUnits(
  { install, stop, forget }: SystemdInstallation,
  { files, manager }: Pick<SystemdPorts, 'files' | 'manager'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const all = install.flatMap((stage) => stage.files);
  const found = readUnitFiles(all, files);
  const removable = all.filter((file) => isRemovable(file, found)).map(({ path }) => path);
  if (removable.length === 0) return [];
  for (const command of stop(removable)) await manager.run(command, signal);
  for (const path of removable) await files.remove(path);
  for (const command of forget) await manager.run(command, signal);
  return removable;
}
