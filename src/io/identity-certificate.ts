import { type CertificateLife, certificateLife } from '../core/certificate-life.ts';
import { type FileSource, readPublicFile } from './secret-file.ts';

/**
 * The first certificate of a PEM file; undefined if there is none.
 *
 * @throws LanacmeError `credentials.file-unreadable`.
 */
export async function readIdentityCertificate(
  file: string,
  source: FileSource,
): Promise<CertificateLife | undefined> {
  const pem = await readPublicFile(file, source);
  return certificateLife(pem) ?? asNodeReadsIt(pem);
}

/** Whatever is not written as certificates are. */
function asNodeReadsIt(pem: string): CertificateLife | undefined {
  // Not by import(): its machinery takes longer to come up than all else that `status` does.
  const crypto = process.getBuiltinModule('node:crypto');
  try {
    const { serialNumber, validFrom, validTo } = new crypto.X509Certificate(pem);
    return {
      serial: serialNumber.toLowerCase(),
      notBefore: new Date(validFrom),
      notAfter: new Date(validTo),
    };
  } catch {
    return undefined;
  }
}
