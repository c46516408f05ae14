import type { Found } from '../core/systemd-changes.ts';
import type { SystemdFile } from '../core/systemd-files.ts';
import type { UnitFiles } from '../ports/systemd.ts';

/** What there is where these files belong. */
export function readUnitFiles(wanted: readonly SystemdFile[], files: UnitFiles): Found {
  return new Map(
    wanted.flatMap(({ path }) => {
      const text = files.read(path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
}
