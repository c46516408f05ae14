import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { type FileSource, readPublicFile, readSecretFile } from './secret-file.ts';

export interface DeviceFiles extends FileSource {
  /** PEM, the device certificate first; paths or `credential:NAME`. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyPasswordFile?: string;
}

/** A device's certificate and private key, PEM, ready for TLS. The key is decrypted and must not leave memory. */
export interface DeviceKey {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads a device certificate and its key anew and proves, before anything is sent, that they can work: the key is
 * nobody else's to read, belongs to the certificate, and the certificate is in date.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `.key-exposed`, `.key-invalid`, `.key-mismatch`,
 * `.certificate-invalid`, `.certificate-expired`, `.certificate-not-yet-valid`.
 */
export async function readDeviceKey(files: DeviceFiles, now: Date): Promise<DeviceKey> {
  const cert = await readPublicFile(files.certFile, files);
  const certificate = parseCertificate(cert, files.certFile);
  const key = await readKey(files);
  if (!certificate.checkPrivateKey(key)) {
    throw failure(
      'credentials.key-mismatch',
      `${files.keyFile} is not the key of the certificate in ${files.certFile}`,
      {
        hint: 'give the key that the certificate was made for: both come from the same certificate request',
      },
    );
  }
  refuseOutOfDate(certificate, files.certFile, now);
  return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw failure('credentials.certificate-invalid', `${file} holds no certificate in PEM form`, {
      hint: 'it must begin with -----BEGIN CERTIFICATE-----; openssl x509 -inform der -in FILE converts a binary one',
      cause: error,
    });
  }
}

async function readKey(files: DeviceFiles): Promise<KeyObject> {
  const pem = await readSecretFile(files.keyFile, files);
  const password = await readPassword(files);
  try {
    return createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) });
  } catch (error) {
    const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
    if (!isEncrypted) {
      throw failure('credentials.key-invalid', `${files.keyFile} holds no private key in PEM form`, {
        hint: 'it must begin with -----BEGIN PRIVATE KEY-----, -----BEGIN EC PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----',
        cause: error,
      });
    }
    const what =
      password === undefined
        ? 'is encrypted and no password is given'
        : 'does not open with the given password';
    throw failure('credentials.key-invalid', `${files.keyFile} ${what}`, {
      hint: passwordHint,
      cause: error,
    });
  }
}

const passwordHint =
  'put its password on the first line of a file with mode 0600 and name that with --iot-key-password-file';

async function readPassword(files: DeviceFiles): Promise<string | undefined> {
  const { keyPasswordFile } = files;
  if (keyPasswordFile === undefined) return undefined;
  const [firstLine = ''] = (await readSecretFile(keyPasswordFile, files)).split(/\r?\n/, 1);
  if (firstLine !== '') return firstLine;
  throw failure('credentials.key-invalid', `${keyPasswordFile} holds no password: its first line is empty`, {
    hint: passwordHint,
  });
}

function refuseOutOfDate(certificate: X509Certificate, file: string, now: Date): void {
  const from = new Date(certificate.validFrom);
  const until = new Date(certificate.validTo);
  if (now > until) {
    throw failure(
      'credentials.certificate-expired',
      `the certificate in ${file} expired on ${until.toISOString()}`,
      {
        hint: 'make a new one for the same thing: aws iot create-certificate-from-csr, attach-policy, attach-thing-principal',
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
