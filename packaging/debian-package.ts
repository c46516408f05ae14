/** Puts the Debian package together and has dpkg-deb pack it. */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { buildProgram } from './build-program.ts';
import { controlFiles } from './control.ts';
import { debianVersion } from './debian-version.ts';
import { type FileTree, writeTree } from './file-tree.ts';
import { installedFiles } from './installed-files.ts';
import { installedKilobytes } from './installed-size.ts';
import { run } from './run.ts';
import { sourceDate } from './source-date.ts';

export interface DebianPackage {
  readonly path: string;
  readonly kilobytes: number;
  readonly installedKilobytes: number;
}

/**
 * Builds the program and packs it.
 *
 * @param version as npm writes it.
 * @param folder gets `lanacme_VERSION-1_all.deb`; made if it is missing.
 */
export async function makeDebianPackage(version: string, folder: string): Promise<DebianPackage> {
  const name = `lanacme_${debianVersion(version)}_all.deb`;
  const date = await sourceDate();
  const work = await mkdtemp(join(tmpdir(), 'lanacme-package-'));
  try {
    const program = await buildProgram(version, join(work, 'dist'));
    const files = await installedFiles(version, date, program);
    const path = resolve(folder, name);
    await mkdir(folder, { recursive: true });
    await pack(await withControl(files, version), join(work, 'root'), date, path);
    const kilobytes = Math.ceil((await stat(path)).size / 1000);
    return { path: relative('.', path), kilobytes, installedKilobytes: installedKilobytes(files) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function withControl(files: FileTree, version: string): Promise<FileTree> {
  const control = await controlFiles(files, debianVersion(version));
  return new Map([...files, ...Array.from(control, ([name, entry]) => [`DEBIAN/${name}`, entry] as const)]);
}

async function pack(tree: FileTree, root: string, date: Date, path: string): Promise<void> {
  await writeTree(tree, root, date);
  // As many threads as there are cores would cut the data elsewhere.
  const sameEverywhere = ['--root-owner-group', '--threads-max=1', '-Zxz', '--uniform-compression'];
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) };
  await run('dpkg-deb', [...sameEverywhere, '--build', root, path], env);
}
