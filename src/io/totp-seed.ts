import { parseTotpSeed, type TotpSeed, totp } from '../core/totp.ts';
import { type FileSource, readSecretFile } from './secret-file.ts';

/**
 * The seed on the first line of a file, in base32; under the same rules as a private key. Read anew at each call, so
 * that a replaced seed counts from the next session on.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `.key-exposed`, `.seed-invalid`.
 */
async function readTotpSeed(file: string, source: FileSource): Promise<TotpSeed> {
  const [firstLine = ''] = (await readSecretFile(file, source)).split(/\r?\n/, 1);
  return parseTotpSeed(firstLine.trim(), file);
}

/**
 * The name of a session that begins now: the TOTP code of this moment, which a copied key alone does not tell.
 * IAM Roles Anywhere takes it as `roleSessionName` if the profile has `acceptRoleSessionName`.
 *
 * @throws LanacmeError as `readTotpSeed`.
 */
export async function totpSessionName(file: string, source: FileSource, now: Date): Promise<string> {
  return totp(await readTotpSeed(file, source), now);
}
