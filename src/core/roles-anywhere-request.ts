/**
 * `CreateSession` of IAM Roles Anywhere, signed (Roles Anywhere User Guide, "Signing process for authentication"). It
 * is SigV4's canonical request, but no key is derived: the private key of the certificate signs the string itself.
 */
import { createHash } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import type { RolesAnywhereArns } from './roles-anywhere-arn.ts';

/** A request as it goes out, but for its signature. */
export interface UnsignedRequest {
  /** Unencoded names and values. */
  readonly query: Readonly<Record<string, string>>;
  /** All of them are signed; lower-case names, one line each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who signs. */
export interface Signer {
  readonly label: SigningLabel;
  /** Of the certificate: hex, as Node writes it. */
  readonly serialHex: string;
  /** RSASSA-PKCS1-v1_5 or ECDSA (in DER), with SHA-256 whatever the key. */
  readonly sign: (text: Uint8Array) => Uint8Array;
}

export type SigningLabel = 'AWS4-X509-RSA-SHA256' | 'AWS4-X509-ECDSA-SHA256';

/** What a session is asked for. */
export interface SessionWish extends RolesAnywhereArns {
  /** Whole seconds, 900 to 43200. */
  readonly durationSeconds: number;
  /** Absent: AWS takes the serial of the certificate. */
  readonly sessionName?: string;
}

/** Base64 of DER, each on one line. */
export interface CertificateLine {
  readonly leaf: string;
  /** Intermediates only. */
  readonly chain: readonly string[];
}

/** All in the body: an empty query cannot be encoded in two ways, and a role's name may hold `=` and `+`. */
export function sessionRequest(
  wish: SessionWish,
  { leaf, chain }: CertificateLine,
  host: string,
  now: Date,
): UnsignedRequest {
  const { durationSeconds, profileArn, roleArn, trustAnchorArn, sessionName: roleSessionName } = wish;
  return {
    query: {},
    headers: {
      'content-type': 'application/json',
      host,
      'x-amz-date': amzDate(now),
      'x-amz-x509': leaf,
      ...(chain.length === 0 ? {} : { 'x-amz-x509-chain': chain.join(',') }),
    },
    body: JSON.stringify({ durationSeconds, profileArn, roleArn, roleSessionName, trustAnchorArn }),
  };
}

/** The value of the header `Authorization`. */
export function authorization(
  request: UnsignedRequest,
  { label, serialHex, sign }: Signer,
  region: string,
): string {
  const signature = Buffer.from(sign(Buffer.from(stringToSign(request, label, region)))).toString('hex');
  const credential = `${serialDecimal(serialHex)}/${scope(request, region)}`;
  return `${label} Credential=${credential}, SignedHeaders=${signedHeaders(request)}, Signature=${signature}`;
}

/** @internal for tests, which compare it with AWS's method as others follow it. */
export function stringToSign(request: UnsignedRequest, label: SigningLabel, region: string): string {
  return [label, dateOf(request), scope(request, region), sha256(canonicalRequest(request))].join('\n');
}

/**
 * With an empty line between the headers and the list of their names: the User Guide's example has lost it.
 *
 * @internal for tests, as `stringToSign`.
 */
export function canonicalRequest(request: UnsignedRequest): string {
  const headers = sorted(request.headers).map(([name, value]) => `${name}:${value}\n`);
  return [
    'POST',
    '/sessions',
    canonicalQuery(request.query),
    headers.join(''),
    signedHeaders(request),
    sha256(request.body),
  ].join('\n');
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return sorted(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
}

/**
 * Up to 20 bytes: a number of JavaScript would lose digits.
 *
 * @internal for tests, as `stringToSign`.
 * @throws LanacmeError `credentials.certificate-invalid` for a negative one, as RFC 5280 §4.1.2.2 forbids.
 */
export function serialDecimal(serialHex: string): string {
  if (/^[\dA-F]+$/i.test(serialHex)) return BigInt(`0x${serialHex}`).toString();
  const message = `the serial of the certificate is no positive number: ${serialHex.slice(0, 50)}`;
  throw new LanacmeError('credentials.certificate-invalid', message, {
    hint: 'IAM Roles Anywhere knows certificates by it: have the private CA issue another one',
  });
}

/**
 * The key says which label it is, never the signature on the certificate, which is its issuer's.
 *
 * @param keyType as Node's `asymmetricKeyType` says it.
 * @throws LanacmeError `credentials.key-invalid` for a key that the service does not take, or that Node cannot use for it.
 */
export function signingLabel(keyType: string | undefined, keyFile: string): SigningLabel {
  if (keyType === 'rsa') return 'AWS4-X509-RSA-SHA256';
  if (keyType === 'ec') return 'AWS4-X509-ECDSA-SHA256';
  const message = `${keyFile} holds a key of the type ${keyType ?? 'unknown'}, with which no session can be signed`;
  throw new LanacmeError('credentials.key-invalid', message, {
    hint: 'IAM Roles Anywhere takes certificates with RSA and EC keys',
  });
}

function amzDate(now: Date): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function dateOf({ headers }: UnsignedRequest): string {
  return headers['x-amz-date'] ?? '';
}

function scope(request: UnsignedRequest, region: string): string {
  return `${dateOf(request).slice(0, 8)}/${region}/rolesanywhere/aws4_request`;
}

function signedHeaders({ headers }: UnsignedRequest): string {
  return sorted(headers)
    .map(([name]) => name)
    .join(';');
}

/** RFC 3986: all but the unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sorted(members: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
