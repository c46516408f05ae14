import { X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { type FileSource, readPublicFile } from './secret-file.ts';

/**
 * The certificates of a PEM file, in its order.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `credentials.chain-invalid` if there is none or a broken one.
 */
export async function readChain(file: string, source: FileSource): Promise<readonly X509Certificate[]> {
  const chain = certificatesOf(await readPublicFile(file, source), file);
  if (chain.length > 0) return chain;
  throw invalidChain(`${file} holds no certificate in PEM form`);
}

/** The certificates of a PEM text that `file` holds. */
export function certificatesOf(pem: string, file: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw invalidChain(`certificate ${index + 1} in ${file} cannot be read`, error);
    }
  });
}

function invalidChain(message: string, cause?: unknown): LanacmeError {
  return new LanacmeError('credentials.chain-invalid', message, {
    hint: 'it must hold the intermediate certificates, each between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----',
    cause,
  });
}
