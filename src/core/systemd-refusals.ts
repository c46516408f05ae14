/** Why `lanacme systemd` does not do what it is asked. */
import { LanacmeError } from '../errors.ts';
import { canStandInUnit, type InstalledProgram, isHiddenFromUnits } from './systemd-files.ts';

function unsafeProgram(
  { path, problem }: NonNullable<ProgramFacts['distrust']>,
  isSystem: boolean,
): LanacmeError {
  const message = `units would have ${isSystem ? 'root' : 'you'} run what others can change: ${path} ${problem}`;
  return new LanacmeError('systemd.program-unsafe', message, {
    hint: `see who wrote it, then: chown root '${path}' && chmod go-w '${path}'; or install Node and lanacme where only root can write`,
  });
}

function hiddenProgram(path: string): LanacmeError {
  const message = `units of the system do not see ${path}: home folders and temporary ones are closed to them`;
  return new LanacmeError('systemd.program-unsafe', message, {
    hint: 'install Node and lanacme for all users, say below /usr/local, or use --user',
  });
}

function oddProgram(path: string): LanacmeError {
  const message = `the path ${path} holds characters that a unit takes for something else`;
  return new LanacmeError('systemd.program-unsafe', message, {
    hint: 'install Node and lanacme in folders with plain names',
  });
}

export function foreignFile(path: string): LanacmeError {
  return new LanacmeError('systemd.file-foreign', `${path} was not written by lanacme systemd install`, {
    hint: 'nothing was written: move it away if nobody needs it, then run this again',
  });
}

/** @param unit the path that tells. */
function packaged(unit: string): LanacmeError {
  const message = `the Debian package of lanacme has its units here already: ${unit}`;
  return new LanacmeError('systemd.packaged', message, {
    hint: 'use those: systemctl enable --now lanacme-renew.timer; or apt remove lanacme first',
  });
}

export interface ProgramFacts {
  /** For the units of the system, not a user's. */
  readonly isSystem: boolean;
  /** Who else could change what runs, if anybody could. */
  readonly distrust: { readonly path: string; readonly problem: string } | undefined;
  readonly packagedUnit?: string;
}

/** Everything that is in the way of units that run this program. */
export function refusals(
  { node, script }: InstalledProgram,
  { isSystem, distrust, packagedUnit }: ProgramFacts,
): readonly LanacmeError[] {
  const paths = [node, script];
  return [
    ...(packagedUnit === undefined ? [] : [packaged(packagedUnit)]),
    ...paths.filter((path) => !canStandInUnit(path)).map(oddProgram),
    ...(isSystem ? paths.filter(isHiddenFromUnits).map(hiddenProgram) : []),
    ...(distrust === undefined ? [] : [unsafeProgram(distrust, isSystem)]),
  ];
}
