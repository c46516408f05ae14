/**
 * Checks a request's AWS Signature Version 4 by signing it again with the caller's secret, and refuses as AWS does.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsSessions, Principal } from './aws-sessions.ts';

export interface SignedRequest {
  readonly method: string;
  /** As on the request line: path and query, still encoded. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ServiceScope {
  readonly service: string;
  readonly region: string;
  /** How a request that is too old or too new is refused; both are seen. Default: `SignatureDoesNotMatch`. */
  readonly skewCode?: 'SignatureDoesNotMatch' | 'RequestExpired';
  /** For clients on a clock that a test moves. Default: five minutes, as AWS has it. */
  readonly toleratedSkewMs?: number;
}

/** The caller is not who they say, or says it too late. */
export class AuthenticationFailed extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 403) {
    super(message);
    this.name = 'AuthenticationFailed';
    this.code = code;
    this.status = status;
  }
}

const fiveMinutes = 5 * 60 * 1000;

/** Who signed the request. Throws `AuthenticationFailed`. */
export async function verifySignature(
  request: SignedRequest,
  sessions: Pick<AwsSessions, 'lookup'>,
  scope: ServiceScope,
  now: Date,
): Promise<Principal> {
  const authorization = parseAuthorization(request);
  const date = signingDate(request, authorization);
  checkScope(authorization, scope);
  checkSignedHeaders(request, authorization);
  const principal = knownPrincipal(authorization.accessKeyId, request, sessions);
  checkSkew(date, now, scope);
  if (!(await isSignedBy(principal, request, authorization, date, scope))) {
    throw new AuthenticationFailed(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret ' +
        'Access Key and signing method. Consult the service documentation for details.',
    );
  }
  // Only who holds the secret learns that the session is over.
  if (principal.expiration !== undefined && principal.expiration <= now) {
    throw new AuthenticationFailed('ExpiredToken', 'The security token included in the request is expired');
  }
  return principal;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function parseAuthorization({ headers }: SignedRequest): Authorization {
  const header = headers['authorization'];
  if (header === undefined) {
    throw new AuthenticationFailed('MissingAuthenticationToken', 'Missing Authentication Token');
  }
  const algorithm = header.split(' ')[0] ?? '';
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`);
  }
  const parts = new Map(
    header
      .slice(algorithm.length)
      .split(',')
      .map((part) => part.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((part) => !parts.has(part));
  if (missing.length > 0) {
    throw incomplete(missing.map((part) => `Authorization header requires '${part}' parameter.`).join(' '));
  }
  return {
    ...parseCredential(parts.get('Credential') ?? ''),
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';'),
    signature: parts.get('Signature') ?? '',
  };
}

/** `KEY/DATE/REGION/SERVICE/aws4_request` */
function parseCredential(text: string): Pick<Authorization, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const parts = text.split('/');
  if (parts.length !== 5) throw incomplete('Credential must have exactly 5 slash-delimited elements');
  const [accessKeyId = '', date = '', region = '', service = '', end] = parts;
  if (end !== 'aws4_request') {
    throw mismatch(`Credential should be scoped with a valid terminator: 'aws4_request'.`);
  }
  return { accessKeyId, date, region, service };
}

function signingDate({ headers }: SignedRequest, authorization: Authorization): Date {
  const text = headers['x-amz-date'];
  if (text === undefined) {
    throw incomplete(`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`);
  }
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (parts === null) throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${text}'.`);
  if (!text.startsWith(authorization.date)) {
    throw mismatch(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP`,
    );
  }
  const [, year, month, day, hour, minute, second] = parts;
  return new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`);
}

function checkScope(authorization: Authorization, scope: ServiceScope): void {
  if (authorization.region !== scope.region) {
    throw mismatch(`Credential should be scoped to a valid region, not '${authorization.region}'.`);
  }
  if (authorization.service !== scope.service) {
    throw mismatch(`Credential should be scoped to correct service: '${scope.service}'.`);
  }
}

/** `Host` and everything that begins with `x-amz-` counts only if it is signed. */
function checkSignedHeaders({ headers }: SignedRequest, authorization: Authorization): void {
  for (const header of ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]) {
    if (!authorization.signedHeaders.includes(header)) {
      throw mismatch(`'${header}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function knownPrincipal(
  accessKeyId: string,
  request: SignedRequest,
  sessions: Pick<AwsSessions, 'lookup'>,
): Principal {
  const principal = sessions.lookup(accessKeyId);
  if (principal === undefined || request.headers['x-amz-security-token'] !== principal.sessionToken) {
    throw new AuthenticationFailed(
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    );
  }
  return principal;
}

function checkSkew(date: Date, now: Date, scope: ServiceScope): void {
  const skew = now.getTime() - date.getTime();
  if (Math.abs(skew) <= (scope.toleratedSkewMs ?? fiveMinutes)) return;
  if (scope.skewCode === 'RequestExpired') {
    throw new AuthenticationFailed('RequestExpired', 'Request has expired.', 400);
  }
  const edge = basic(new Date(now.getTime() - Math.sign(skew) * fiveMinutes));
  throw mismatch(
    skew > 0
      ? `Signature expired: ${basic(date)} is now earlier than ${edge} (${basic(now)} - 5 min.)`
      : `Signature not yet current: ${basic(date)} is still later than ${edge} (${basic(now)} + 5 min.)`,
  );
}

function basic(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Signs the same request again and compares. */
async function isSignedBy(
  principal: Principal,
  request: SignedRequest,
  authorization: Authorization,
  date: Date,
  scope: ServiceScope,
): Promise<boolean> {
  const declared = request.headers['x-amz-content-sha256'];
  const actual = createHash('sha256').update(request.body).digest('hex');
  if (declared !== undefined && declared !== actual) return false;
  const signer = new SignatureV4({
    service: scope.service,
    region: scope.region,
    credentials: principal,
    sha256: NodeSha256,
    applyChecksum: false,
  });
  const url = new URL(request.target, 'http://world.invalid');
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: 'world.invalid',
      path: request.target.replace(/\?.*$/s, ''),
      query: queryOf(url),
      // The headers that the caller signed; those that the signer leaves out by default included.
      headers: Object.fromEntries(
        authorization.signedHeaders.map((name) => [name, request.headers[name] ?? '']),
      ),
      body: request.body,
    },
    { signingDate: date, signableHeaders: new Set(authorization.signedHeaders) },
  );
  const expected = /Signature=([0-9a-f]{64})$/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
  const given = Buffer.from(authorization.signature);
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
}

function queryOf(url: URL): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  return query;
}

/** `@smithy/signature-v4` wants a hash as a class. */
class NodeSha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once.');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function incomplete(message: string): AuthenticationFailed {
  return new AuthenticationFailed('IncompleteSignature', message);
}

function mismatch(message: string): AuthenticationFailed {
  return new AuthenticationFailed('SignatureDoesNotMatch', message);
}
