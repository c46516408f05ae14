/**
 * Checks the X.509 signature of a `CreateSession` request (`AWS4-X509-RSA-SHA256`, `AWS4-X509-ECDSA-SHA256`) on what came
 * over the wire, with nothing of lanacme's own signer.
 * Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
 */
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';

export interface RawRequest {
  readonly method: string;
  /** As on the request line: path and query, still encoded. */
  readonly target: string;
  /** Name, value, name, value, … in the order and spelling in which they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface SignatureScope {
  readonly region: string;
  /** How far a client's clock may be off. */
  readonly toleratedSkewMs: number;
}

/** Whose request it is, as far as the request itself proves it. */
export interface Signer {
  readonly leaf: X509Certificate;
  /** Of `X-Amz-X509-Chain`, in the order of the header. */
  readonly intermediates: readonly X509Certificate[];
}

/** The request is refused before anybody looks at trust. */
export class SignatureRefused extends Error {
  override readonly name = 'SignatureRefused';
}

const authorizationForm =
  /^(AWS4-X509-(?:RSA|ECDSA)-SHA256) Credential=(\d+)\/(\d{8})\/([a-z0-9-]+)\/rolesanywhere\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=((?:[0-9a-f]{2})+)$/;

interface Authorization {
  readonly label: string;
  /** Decimal. */
  readonly serial: string;
  /** `20261122` */
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  /** Lower-case hex. */
  readonly signature: string;
}

/** Throws `SignatureRefused`. */
export function verifyX509Signature(request: RawRequest, scope: SignatureScope, now: Date): Signer {
  const headers = headersOf(request.rawHeaders);
  const authorization = authorizationIn(headers);
  const signer = certificatesIn(headers);
  const date = dateIn(headers);
  checkScope(authorization, date, scope);
  checkCertificate(authorization, signer.leaf);
  checkSignedHeaders(authorization.signedHeaders, headers);
  checkSkew(date, now, scope.toleratedSkewMs);
  const { label, day, region, signedHeaders, signature } = authorization;
  const text = [
    label,
    date,
    `${day}/${region}/rolesanywhere/aws4_request`,
    sha256(canonicalRequest(request, signedHeaders, headers)),
  ].join('\n');
  if (!verify('sha256', Buffer.from(text), signer.leaf.publicKey, Buffer.from(signature, 'hex'))) {
    throw new SignatureRefused(
      'The request signature we calculated does not match the signature you provided. Check your private key and ' +
        'signing method. Consult the service documentation for details.',
    );
  }
  return signer;
}

function authorizationIn(headers: ReadonlyMap<string, string>): Authorization {
  const parts = authorizationForm.exec(headers.get('authorization') ?? '');
  if (parts === null) throw new SignatureRefused('Missing Authentication Token');
  const [, label = '', serial = '', day = '', region = '', signedHeaders = '', signature = ''] = parts;
  return { label, serial, day, region, signedHeaders: signedHeaders.split(';'), signature };
}

function checkScope({ day, region }: Authorization, date: string, scope: SignatureScope): void {
  if (day !== date.slice(0, 8)) {
    throw new SignatureRefused('Date in Credential scope does not match X-Amz-Date.');
  }
  if (region !== scope.region) {
    throw new SignatureRefused(`Credential should be scoped to a valid region, not '${region}'.`);
  }
}

/** The serial as a plain decimal number, and the algorithm of the key, whatever the CA signed with. */
function checkCertificate({ serial, label }: Authorization, leaf: X509Certificate): void {
  if (serial !== BigInt(`0x${leaf.serialNumber}`).toString()) {
    throw new SignatureRefused('The serial number in Credential is not the one of the certificate.');
  }
  if (label !== labelOf(leaf.publicKey)) {
    throw new SignatureRefused('The algorithm is not the one of the key of the certificate.');
  }
}

/** The text whose SHA-256 is signed; what the reference calls the canonical request. */
export function canonicalRequest(
  { method, target, body }: RawRequest,
  signedHeaders: readonly string[],
  headers: ReadonlyMap<string, string>,
): string {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  return [
    method,
    path,
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    signedHeaders.join(';'),
    sha256(body),
  ].join('\n');
}

/** Lower-case names; values trimmed, runs of spaces as one, repeated headers joined. */
export function headersOf(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = (rawHeaders[index + 1] ?? '').trim().replace(/ +/g, ' ');
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return headers;
}

/** By name; a `=` in a value is encoded twice, as the user guide asks for. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split(/=(.*)/s).map(decodeURIComponent))
    .map(([name = '', value = '']) => `${encoded(name)}=${encoded(value).replaceAll('%3D', '%253D')}`)
    .sort()
    .join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function certificatesIn(headers: ReadonlyMap<string, string>): Signer {
  const leaf = headers.get('x-amz-x509');
  if (leaf === undefined) throw new SignatureRefused('X-Amz-X509 is missing.');
  const chain = headers.get('x-amz-x509-chain')?.split(',') ?? [];
  if (chain.length > 5) throw new SignatureRefused('X-Amz-X509-Chain holds more than 5 certificates.');
  return { leaf: certificateFrom(leaf), intermediates: chain.map(certificateFrom) };
}

/** Base64 of the DER, on one line, with its padding. */
function certificateFrom(text: string): X509Certificate {
  const der = Buffer.from(text, 'base64');
  if (der.toString('base64') !== text)
    throw new SignatureRefused('A certificate is not base64 of its DER form.');
  try {
    return new X509Certificate(der);
  } catch {
    throw new SignatureRefused('A certificate cannot be read.');
  }
}

function dateIn(headers: ReadonlyMap<string, string>): string {
  const date = headers.get('x-amz-date') ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(date)) throw new SignatureRefused('X-Amz-Date is not like 20261122T120000Z.');
  return date;
}

/** What has to be signed: everything that says who asks whom for what, and when. */
function checkSignedHeaders(names: readonly string[], headers: ReadonlyMap<string, string>): void {
  if (names.join(';') !== [...new Set(names)].sort().join(';')) {
    throw new SignatureRefused('SignedHeaders is not sorted.');
  }
  const needed = [...headers.keys()].filter((name) => name.startsWith('x-amz-'));
  const missing = ['content-type', 'host', 'x-amz-date', ...needed].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new SignatureRefused(`These headers have to be signed: ${missing.join(', ')}.`);
  const absent = names.filter((name) => !headers.has(name));
  if (absent.length > 0)
    throw new SignatureRefused(`These signed headers were not sent: ${absent.join(', ')}.`);
}

function checkSkew(date: string, now: Date, toleratedMs: number): void {
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (now.getTime() - signed > toleratedMs) {
    throw new SignatureRefused(
      `Signature expired: ${date} is now earlier than ${compact(now, -toleratedMs)}`,
    );
  }
  if (signed - now.getTime() > toleratedMs) {
    throw new SignatureRefused(
      `Signature not yet current: ${date} is still later than ${compact(now, toleratedMs)}`,
    );
  }
}

function compact(now: Date, offsetMs: number): string {
  const text = new Date(now.getTime() + offsetMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${text} (${now.toISOString().replace(/[-:]|\.\d+/g, '')} ${offsetMs < 0 ? '-' : '+'} 5 min.)`;
}

function labelOf({ asymmetricKeyType }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'rsa') return 'AWS4-X509-RSA-SHA256';
  return asymmetricKeyType === 'ec' ? 'AWS4-X509-ECDSA-SHA256' : undefined;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
