/**
 * The hooks that run for every certificate: commands of the env file and the executables in `deploy.d`. Whoever can
 * write such a file has the rights of this process, so it is judged first, with the folders above it.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isHookName } from '../core/hook-file.ts';
import { LanacmeError } from '../errors.ts';
import type { HostHook } from '../ports.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { distrustOf } from './trusted-path.ts';

export const deployFolder = '/etc/lanacme/deploy.d';

export interface HostHooksOptions {
  /** Of the env file. */
  readonly commands: readonly string[];
  readonly envFile?: string | undefined;
  readonly folder?: string;
}

/** In order: those of the env file as they are written there, then the executables by name. */
export function hostHooks({
  commands,
  envFile,
  folder = deployFolder,
}: HostHooksOptions): readonly HostHook[] {
  return [...commandHooks(commands, envFile), ...executables(folder)];
}

/** Commands, and whether they may be run: those of an env file have the rights of whoever can write it. */
export function commandHooks(commands: readonly string[], envFile?: string): readonly HostHook[] {
  const refusal = commands.length === 0 || envFile === undefined ? undefined : refusalOf(envFile);
  return commands.map((command) => hook(command, false, refusal));
}

function executables(folder: string): readonly HostHook[] {
  const names = namesIn(folder);
  if (names.length === 0) return [];
  const ofFolder = refusalOf(folder);
  if (ofFolder !== undefined) return [hook(folder, true, ofFolder)];
  return names
    .map((name) => join(folder, name))
    .filter(isExecutable)
    .map((path) => hook(path, true, refusalOf(path)));
}

function hook(command: string, isFile: boolean, refusal: LanacmeError | undefined): HostHook {
  return { command, isFile, ...(refusal === undefined ? {} : { refusal }) };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isHookName).sort();
  } catch (error) {
    // What this user may not even list is not theirs to run.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return [];
    throw fileFailure(error, 'read', folder);
  }
}

function isExecutable(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

/**
 * Why this process must not run what the file says; nothing if it may. Root runs only what nobody but root can change:
 * the file and every folder above it, also where links lead. Another user runs what is root's or their own.
 */
function refusalOf(path: string): LanacmeError | undefined {
  try {
    return judge(path, process.geteuid?.() ?? -1);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return new LanacmeError(
      'hook.unsafe',
      `the hooks in ${path} are not run: nobody can tell who could write it`,
      {
        hint: `let lanacme look at it (namei -l '${path}')`,
        cause: error,
      },
    );
  }
}

function judge(path: string, self: number): LanacmeError | undefined {
  const found = distrustOf(path, self, self === 0);
  return found === undefined ? undefined : unsafe(path, found.at, found.problem, self);
}

function unsafe(path: string, at: string, problem: string, self: number): LanacmeError {
  const who = self === 0 ? 'root' : 'this user';
  const message = `the hooks in ${path} are not run: ${at === path ? 'it' : at} ${problem}, who could make ${who} run anything`;
  return new LanacmeError('hook.unsafe', message, {
    hint: `see who wrote it, then: chown root '${at}' && chmod go-w '${at}'`,
  });
}
