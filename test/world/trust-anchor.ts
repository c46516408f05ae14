/**
 * A trust anchor of IAM Roles Anywhere: the certificates of a private CA, checked as AWS checks them when it is made.
 * Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
 */
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isSha1 } from './trusted-leaf.ts';

x509.cryptoProvider.set(webcrypto);

export interface TrustAnchor {
  readonly arn: string;
  /** PEM of at most two CA certificates; may be changed. */
  certificates: readonly string[];
  isEnabled: boolean;
}

/** Throws, then and at each change, what AWS says to certificates that no trust anchor may hold. */
export function makeTrustAnchor(arn: string, certificates: readonly string[]): TrustAnchor {
  let held = fit(certificates);
  return {
    arn,
    isEnabled: true,
    get certificates() {
      return held;
    },
    set certificates(given) {
      held = fit(given);
    },
  };
}

/** CA:TRUE, keyCertSign, SHA-256 or stronger, and two of them at most. */
function fit(certificates: readonly string[]): readonly string[] {
  if (certificates.length < 1 || certificates.length > 2) {
    throw new Error('ValidationException: a trust anchor holds one or two certificates');
  }
  for (const pem of certificates) {
    const certificate = new x509.X509Certificate(pem);
    if (certificate.getExtension(x509.BasicConstraintsExtension)?.ca !== true) {
      throw new Error('ValidationException: Incorrect basic constraints for CA certificate');
    }
    const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
    if ((usages & x509.KeyUsageFlags.keyCertSign) === 0 || isSha1(certificate)) {
      throw new Error('ValidationException: Insufficient CA certificate');
    }
  }
  return certificates;
}
