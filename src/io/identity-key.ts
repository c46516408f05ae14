import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { type FileSource, readSecretFile } from './secret-file.ts';

/** Where a private key is; paths or `credential:NAME`. */
export interface KeyFiles extends FileSource {
  /** PEM: PKCS#1, PKCS#8 or SEC1, encrypted or not. */
  readonly keyFile: string;
  readonly keyPasswordFile?: string;
}

/**
 * The key, decrypted: it must not leave memory.
 *
 * @param passwordHint how to give a password.
 * @throws LanacmeError `credentials.file-unreadable`, `.key-exposed`, `.key-invalid`.
 */
export async function readKey(files: KeyFiles, passwordHint: string): Promise<KeyObject> {
  const pem = await readSecretFile(files.keyFile, files);
  const password = await readPassword(files, passwordHint);
  try {
    return createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) });
  } catch (error) {
    const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
    if (!isEncrypted) {
      throw invalid(`${files.keyFile} holds no private key in PEM form`, {
        hint:
          'it must begin with -----BEGIN PRIVATE KEY-----, -----BEGIN EC PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----; ' +
          'openssl pkey -in FILE converts others, openssl pkcs12 -nocerts -in FILE a PKCS#12 file (.p12, .pfx)',
        cause: error,
      });
    }
    throw encryptedFailure(files.keyFile, password, passwordHint, error);
  }
}

function encryptedFailure(
  file: string,
  password: string | undefined,
  passwordHint: string,
  cause: unknown,
): LanacmeError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_OSSL_EVP_UNSUPPORTED') {
    return invalid(`${file} is encrypted in a way that OpenSSL has given up`, {
      hint: 'encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in FILE -out NEW',
      cause,
    });
  }
  const what =
    password === undefined
      ? 'is encrypted and no password is given'
      : 'does not open with the given password';
  return invalid(`${file} ${what}`, { hint: passwordHint, cause });
}

async function readPassword(files: KeyFiles, passwordHint: string): Promise<string | undefined> {
  const { keyPasswordFile } = files;
  if (keyPasswordFile === undefined) return undefined;
  const [firstLine = ''] = (await readSecretFile(keyPasswordFile, files)).split(/\r?\n/, 1);
  if (firstLine !== '') return firstLine;
  throw invalid(`${keyPasswordFile} holds no password: its first line is empty`, {
    hint: passwordHint,
  });
}

function invalid(message: string, facts: { readonly hint: string; readonly cause?: unknown }): LanacmeError {
  return new LanacmeError('credentials.key-invalid', message, facts);
}
