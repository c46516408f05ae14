import { type IdentityFiles, readIdentity } from './identity-files.ts';

export type DeviceFiles = IdentityFiles;

/** A device's certificate and private key, PEM, ready for TLS. The key is decrypted and must not leave memory. */
export interface DeviceKey {
  readonly cert: string;
  readonly key: string;
}

const words = {
  passwordOption: '--iot-key-password-file',
  howToReplace:
    'make a new one for the same thing: aws iot create-certificate-from-csr, attach-policy, attach-thing-principal',
};

/**
 * Reads a device certificate and its key anew: see `readIdentity`.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `.key-exposed`, `.key-invalid`, `.key-mismatch`,
 * `.certificate-invalid`, `.certificate-expired`, `.certificate-not-yet-valid`.
 */
export async function readDeviceKey(files: DeviceFiles, now: Date): Promise<DeviceKey> {
  const { pem, key } = await readIdentity(files, words, now);
  return { cert: pem, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
