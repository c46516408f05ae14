/** Signs `CreateSession` requests for the tests of the world: by hand, and wrongly where a test asks for it. */
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import type { Issued } from './pki.ts';

export interface SessionRequestToSign extends Issued {
  /** PEM of intermediates. */
  readonly chain?: readonly string[];
  readonly host: string;
  readonly region: string;
  readonly date: Date;
  readonly body: string;
}

/** What a test has sent instead of the right value. */
export interface Misspelt {
  readonly serial?: string;
  readonly label?: string;
  readonly region?: string;
  /** Left out of what is signed, but sent. */
  readonly unsignedHeader?: string;
  readonly signature?: (right: string) => string;
}

/** The headers of the request, `Authorization` included. */
export function signedHeadersOf(
  request: SessionRequestToSign,
  misspelt: Misspelt = {},
): Readonly<Record<string, string>> {
  const certificate = new X509Certificate(request.certPem);
  const amzDate = request.date.toISOString().replace(/[-:]|\.\d+/g, '');
  const chain = (request.chain ?? []).map((pem) => new X509Certificate(pem).raw.toString('base64'));
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    host: request.host,
    'x-amz-date': amzDate,
    'x-amz-x509': certificate.raw.toString('base64'),
    ...(chain.length === 0 ? {} : { 'x-amz-x509-chain': chain.join() }),
  };
  const names = Object.keys(headers).filter((name) => name !== misspelt.unsignedHeader);
  const canonical = `POST\n/sessions\n\n${names.map((name) => `${name}:${headers[name]}\n`).join('')}\n${names.join(';')}\n${sha256(request.body)}`;
  const isRsa = certificate.publicKey.asymmetricKeyType === 'rsa';
  const label = misspelt.label ?? (isRsa ? 'AWS4-X509-RSA-SHA256' : 'AWS4-X509-ECDSA-SHA256');
  const scope = `${amzDate.slice(0, 8)}/${misspelt.region ?? request.region}/rolesanywhere/aws4_request`;
  const text = `${label}\n${amzDate}\n${scope}\n${sha256(canonical)}`;
  const right = sign('sha256', Buffer.from(text), createPrivateKey(request.keyPem)).toString('hex');
  const serial = misspelt.serial ?? BigInt(`0x${certificate.serialNumber}`).toString();
  const signature = misspelt.signature?.(right) ?? right;
  return {
    ...headers,
    authorization: `${label} Credential=${serial}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
