import type { X509Certificate } from 'node:crypto';
import { type FileSource, readPublicFile } from './secret-file.ts';

/**
 * The first certificate of a PEM file; undefined if there is none.
 *
 * @throws LanacmeError `credentials.file-unreadable`.
 */
export async function readIdentityCertificate(
  file: string,
  source: FileSource,
): Promise<X509Certificate | undefined> {
  const pem = await readPublicFile(file, source);
  // Only when it is needed, and not by import(): its machinery takes longer to come up than all else that `status` does.
  const crypto = process.getBuiltinModule('node:crypto');
  try {
    return new crypto.X509Certificate(pem);
  } catch {
    return undefined;
  }
}
