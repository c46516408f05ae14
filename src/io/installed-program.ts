/** Node and lanacme as they run now, for units that start them. */
import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InstalledProgram } from '../core/systemd-files.ts';
import { distrustOf, problemOf } from './trusted-path.ts';

/** @param script as it was called */
export function installedProgram(script: string): InstalledProgram {
  return { node: realpathSync(process.execPath), script: realpathSync(script) };
}

/**
 * The first file or folder that somebody else than root and this user could change: those of Node and lanacme, all
 * folders above them, and everything that lanacme loads.
 */
export function programDistrust({
  node,
  script,
}: InstalledProgram): { readonly path: string; readonly problem: string } | undefined {
  const self = process.geteuid?.() ?? -1;
  for (const path of [node, script]) {
    const distrust = distrustOf(path, self, true);
    if (distrust !== undefined) return { path: distrust.at, problem: distrust.problem };
  }
  const folder = dirname(script);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    const problem = problemOf(lstatSync(path), self);
    if (problem !== undefined) return { path, problem };
  }
  return undefined;
}

/** The first file or folder of Node and lanacme that not everybody may read or enter; of folders above them, the highest. */
export function closedToOthers({ node, script }: InstalledProgram): string | undefined {
  const folder = dirname(script);
  const loaded = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const above = [node, script].flatMap((path) => foldersAbove(path));
  return [...above, node, ...loaded].find((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    const needed = found?.isDirectory() === true ? 0o001 : 0o004;
    return found !== undefined && (found.mode & needed) === 0;
  });
}

/** From the root on. */
function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...foldersAbove(folder), folder];
}
