/** One version of a certificate on disk: a folder of PEM files that was complete before it had its name. */
import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { LanacmeError } from '../errors.ts';
import type { CertificateFiles } from '../ports.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';
import { readSmallFile } from './small-file.ts';

const parts = ['privkey', 'cert', 'chain', 'fullchain'] as const;
type Part = (typeof parts)[number];

export function fileName(part: Part): string {
  return `${part}.pem`;
}

/** Reads and checks the files of a version. @throws LanacmeError `state.broken`, `state.unsafe`. */
export async function readVersion(folder: string): Promise<CertificateFiles> {
  requireFolder(folder);
  const files: CertificateFiles = {
    privkey: readPart(folder, 'privkey'),
    cert: readPart(folder, 'cert'),
    chain: readPart(folder, 'chain'),
    fullchain: readPart(folder, 'fullchain'),
  };
  const problem = await pairProblem(files);
  if (problem !== undefined) throw broken(`in ${folder}, ${problem}`);
  return files;
}

/** Loaded when files are opened: with it comes Node's crypto, which takes longer to load than a record to read. */
export async function pairProblem(files: CertificateFiles): Promise<string | undefined> {
  const core = await import('../core/certificate-pair.ts');
  return core.pairProblem(files);
}

/** Size and time of each file; empty if what is there is not four regular files in a folder. */
export function stampOf(folder: string): string {
  if (found(folder)?.isDirectory() !== true) return '';
  const files = parts.map((part) => found(join(folder, fileName(part))));
  return files.every((file) => file?.isFile() === true)
    ? files.map((file) => `${file?.size}@${file?.mtimeMs}`).join(' ')
    : '';
}

/** Whatever cannot be looked at here is told by whoever opens it. */
function found(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function readPart(folder: string, part: Part): string {
  const text = readSmallFile(join(folder, fileName(part)));
  if (text === undefined) throw broken(`${folder} lacks ${fileName(part)}`);
  return text;
}

function requireFolder(path: string): void {
  try {
    if (lstatSync(path).isDirectory()) return;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw broken(`${path} is missing`, error);
    throw fileFailure(error, 'read', path);
  }
  throw unsafeFile(
    path,
    'is not a folder, so lanacme did not make it',
    'move it away, then run lanacme again',
  );
}

function broken(what: string, cause?: unknown): LanacmeError {
  return new LanacmeError('state.broken', what, {
    hint: 'restore the files from a backup, or order a new certificate: lanacme issue',
    cause,
  });
}
