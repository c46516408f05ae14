/** What a new version is made of: its files with their permissions. Loaded when there is one to write. */
import { type Readers, type VersionPermissions, versionPermissions } from '../core/file-permissions.ts';
import type { InstallTerms } from '../core/install-terms.ts';
import type { CertificateName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { CertificateFiles } from '../ports.ts';
import type { NewFile } from './atomic-file.ts';
import { type FileSource, readSecretFile } from './secret-file.ts';
import { fileName } from './version-folder.ts';

/** What the terms ask of this host, found before a certificate is ordered. */
export interface Preparations {
  readonly permissions: VersionPermissions;
  readonly isCombined: boolean;
  readonly password?: string;
  /** What will keep readers from their files, although it can be done. */
  readonly warnings: readonly string[];
}

/** @throws LanacmeError for names that nobody has and a password that cannot be read, or not by us alone. */
export async function prepareVersion(
  stateDir: string,
  terms: InstallTerms,
  source: FileSource,
): Promise<Preparations> {
  const { keyGroup, owner, combined, pkcs12PasswordFile: passwordFile } = terms;
  const isOurs = keyGroup === undefined && owner === undefined;
  const { readers, warnings } = isOurs ? nobodyElse : await readersHere(stateDir, terms);
  return {
    permissions: versionPermissions(readers),
    warnings,
    isCombined: combined === true,
    ...(passwordFile === undefined ? {} : { password: await readPassword(passwordFile, source) }),
  };
}

const nobodyElse = { readers: {}, warnings: [] };

async function readersHere(
  stateDir: string,
  terms: InstallTerms,
): Promise<{ readonly readers: Readers; readonly warnings: readonly string[] }> {
  const { readersOf, closedWays } = await import('./readers.ts');
  const readers = await readersOf(terms);
  return { readers, warnings: closedWays(stateDir, readers) };
}

export async function filesOfVersion(
  name: CertificateName,
  files: CertificateFiles,
  { permissions, isCombined, password }: Preparations,
): Promise<readonly NewFile[]> {
  const { privkey, fullchain } = files;
  const { key, certificate } = permissions;
  const all: NewFile[] = [{ name: fileName('privkey'), content: privkey, ...key }];
  for (const part of ['cert', 'chain', 'fullchain'] as const)
    all.push({ name: fileName(part), content: files[part], ...certificate });
  if (isCombined) all.push({ name: 'combined.pem', content: fullchain + privkey, ...key });
  if (password !== undefined) {
    const { makePkcs12 } = await import('./pkcs12.ts');
    const content = await makePkcs12({ alias: name, privkey, fullchain }, password);
    all.push({ name: 'bundle.p12', content, ...key });
  }
  return all;
}

async function readPassword(file: string, source: FileSource): Promise<string> {
  const [firstLine = ''] = (await readSecretFile(file, source)).split(/\r?\n/, 1);
  if (firstLine !== '') return firstLine;
  throw new LanacmeError('config.invalid-value', `${file} holds no password: its first line is empty`, {
    hint: 'put the password on the first line of the file that --pkcs12-password-file names',
    outcome: 'usage',
  });
}
