import { X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { type FileSource, readPublicFile } from './secret-file.ts';

/**
 * The certificates of a PEM file that somebody wants to be trusted. OpenSSL skips in silence what it cannot read, so
 * each is parsed here.
 *
 * @param setting the option or variable that named the file, for messages.
 * @throws LanacmeError `credentials.file-unreadable`, or `config.invalid-value` if it holds no certificate or a broken one.
 */
export async function readRoots(
  file: string,
  setting: string,
  source: FileSource,
): Promise<readonly string[]> {
  const text = await readPublicFile(file, source);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw notRoots(file, setting, 'holds no certificate in PEM form');
  for (const block of blocks) parse(block, file, setting);
  return blocks;
}

function parse(block: string, file: string, setting: string): void {
  try {
    new X509Certificate(block);
  } catch (error) {
    throw notRoots(file, setting, 'holds a certificate that cannot be read', error);
  }
}

function notRoots(file: string, setting: string, what: string, cause?: unknown): LanacmeError {
  return new LanacmeError('config.invalid-value', `${setting}: ${file} ${what}`, {
    hint: 'it must hold the root certificates to trust, each between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----',
    outcome: 'usage',
    cause,
  });
}
