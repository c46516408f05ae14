/** What `lanacme systemd` touches. */
import type { InstalledProgram, SystemdFile, UnitTemplates } from '../core/systemd-files.ts';
import type { Command } from '../core/systemd-installation.ts';
import type { SystemFacts } from '../core/systemd-notes.ts';
import type { ProgramFacts } from '../core/systemd-refusals.ts';

/** Where systemd and its companions look for files. */
export interface UnitFiles {
  /** The text of the file at a path; nothing if nothing is there. Links and other oddities are refused. */
  read(path: string): string | undefined;
  /** Replaces what is there, whole, and makes the folders above it. */
  write(file: SystemdFile): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The programs by which systemd is told of changes. */
export interface SystemManager {
  /** @throws LanacmeError `systemd.command-failed`, with what the command said. */
  run(command: Command, signal: AbortSignal): Promise<void>;
}

export interface SystemdPorts {
  readonly files: UnitFiles;
  readonly manager: SystemManager;
  readonly templates: () => UnitTemplates;
  /** What runs now, as units would name it. */
  readonly program: () => InstalledProgram;
  /** Whoever else could change what runs. */
  readonly distrust: () => ProgramFacts['distrust'];
  /** What there is already that the system's units depend on. */
  readonly facts: () => SystemFacts;
}
