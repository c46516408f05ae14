import { LanacmeError } from '../errors.ts';
import type { Domain } from './names.ts';
import { ChainFlaw, type UsableChain, usableChain } from './usable-chain.ts';

/**
 * Proves that what came back from the CA is what was ordered, for our key, and can be used.
 *
 * @throws LanacmeError `certificate.unusable`, naming the check that failed.
 */
export function checkIssued(
  pem: string,
  expected: { readonly domains: readonly Domain[]; readonly keyPem: string; readonly now: Date },
): UsableChain {
  try {
    return usableChain(pem, expected);
  } catch (error) {
    if (!(error instanceof ChainFlaw)) throw error;
    const message = `the CA issued a certificate that cannot be used: ${error.message}`;
    throw new LanacmeError('certificate.unusable', message, {
      hint: "nothing was changed, the certificate in use stays; check this host's clock and run again",
    });
  }
}
