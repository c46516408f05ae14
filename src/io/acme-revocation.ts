import { badAnswer } from '../core/acme-member.ts';
import type { Revoker } from '../ports.ts';
import type { AcmeExchange } from './acme-exchange.ts';

/** RFC 8555 §7.6: signed by the account, or by the certificate's own key, which then is in the request itself. */
export async function revoke(
  exchange: AcmeExchange,
  revoker: Revoker,
  certPem: string,
  reason: number,
  signal: AbortSignal,
): Promise<void> {
  const { revokeCert: url, url: directoryUrl } = await exchange.directory(signal);
  if (url === undefined) throw badAnswer(`the directory ${directoryUrl} has no revokeCert`);
  const signer =
    revoker.kind === 'account'
      ? { keyPem: revoker.account.keyPem, accountUrl: revoker.account.url }
      : { keyPem: revoker.keyPem };
  const payload = { certificate: derOf(certPem).toString('base64url'), reason };
  // Harmless twice: the second is told that it is revoked.
  await exchange.signed({ ...signer, url, payload, asked: 'the revocation', onLoss: 'repeat' }, signal);
}

/** Of the first certificate. */
function derOf(pem: string): Buffer {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem) ?? [];
  return Buffer.from(base64, 'base64');
}
