import { type KeyObject, X509Certificate } from 'node:crypto';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { certificatesOf } from './identity-chain.ts';
import { type KeyFiles, readKey } from './identity-key.ts';
import { readPublicFile } from './secret-file.ts';

/** Where the certificate of this host and its key are; paths or `credential:NAME`. */
export interface IdentityFiles extends KeyFiles {
  /** PEM, the certificate of this host first. */
  readonly certFile: string;
}

/** What an identity's own messages say. */
export interface IdentityWords {
  /** With its dashes. */
  readonly passwordOption: string;
  /** What to do once the certificate has ended. */
  readonly howToReplace: string;
}

export interface Identity {
  /** The whole certificate file. */
  readonly pem: string;
  /** The first of that file. */
  readonly certificate: X509Certificate;
  /** Decrypted; it must not leave memory. */
  readonly key: KeyObject;
}

/**
 * Reads the certificate of this host and its key anew and proves, before anything is sent, that they can work: the key
 * is nobody else's to read, belongs to the certificate, and the certificate is in date.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `.key-exposed`, `.key-invalid`, `.key-mismatch`,
 * `.certificate-invalid`, `.certificate-expired`, `.certificate-not-yet-valid`.
 */
export async function readIdentity(files: IdentityFiles, words: IdentityWords, now: Date): Promise<Identity> {
  const pem = await readPublicFile(files.certFile, files);
  const certificate = parseIdentityCertificate(pem, files.certFile);
  const key = await readKey(
    files,
    `put its password on the first line of a file with mode 0600 and name that with ${words.passwordOption}`,
  );
  if (!certificate.checkPrivateKey(key)) {
    throw failure(
      'credentials.key-mismatch',
      `${files.keyFile} is not the key of the certificate in ${files.certFile}`,
      { hint: mismatchHint(pem, key) },
    );
  }
  refuseOutOfDate(certificate, files.certFile, words.howToReplace, now);
  return { pem, certificate, key };
}

/** A chain may have been written the wrong way round. */
function mismatchHint(pem: string, key: KeyObject): string {
  const place = placeOf(key, pem);
  return place > 0
    ? `it is the key of certificate ${place + 1} in that file: put that one first, and its issuers after it`
    : 'give the key that the certificate was made for: both come from the same certificate request';
}

function placeOf(key: KeyObject, pem: string): number {
  try {
    return certificatesOf(pem, 'it').findIndex((certificate) => certificate.checkPrivateKey(key));
  } catch {
    return -1;
  }
}

/** @throws LanacmeError `credentials.certificate-invalid` */
function parseIdentityCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw failure('credentials.certificate-invalid', `${file} holds no certificate in PEM form`, {
      hint:
        'it must begin with -----BEGIN CERTIFICATE-----; a binary one is converted by openssl x509 -inform der -in FILE, ' +
        'a PKCS#12 file (.p12, .pfx) by openssl pkcs12 -nokeys -in FILE',
      cause: error,
    });
  }
}

function refuseOutOfDate(certificate: X509Certificate, file: string, howToReplace: string, now: Date): void {
  const from = new Date(certificate.validFrom);
  const until = new Date(certificate.validTo);
  if (now > until) {
    throw failure(
      'credentials.certificate-expired',
      `the certificate in ${file} expired on ${until.toISOString()}`,
      {
        hint: howToReplace,
      },
    );
  }
  if (now < from) {
    throw failure(
      'credentials.certificate-not-yet-valid',
      `the certificate in ${file} is not valid before ${from.toISOString()}`,
      {
        hint: `the clock of this host says ${now.toISOString()}: if that is wrong, correct it (timedatectl set-ntp true)`,
      },
    );
  }
}

function failure(
  code: ErrorCode,
  message: string,
  facts: { readonly hint: string; readonly cause?: unknown },
): LanacmeError {
  return new LanacmeError(code, message, facts);
}
