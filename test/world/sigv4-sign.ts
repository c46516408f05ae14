/**
 * Signature Version 4 written out once more, after AWS's own description, so that the server's check (which rests on
 * a library that the SDK uses too) has a second opinion, and so that a test can sign what no SDK would send.
 */
import { createHash, createHmac } from 'node:crypto';

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ToSign {
  readonly method: string;
  readonly host: string;
  /** Path and query, encoded; the query's parameters sorted by name. */
  readonly target: string;
  readonly body: string;
  readonly date: Date;
  readonly region?: string;
  readonly service?: string;
  /** Sent and signed as the body's hash, whatever the body is. */
  readonly payloadHash?: string;
}

/** The headers of a signed request. */
export function signedHeaders(request: ToSign, keys: SigningKeys): Record<string, string> {
  const date = request.date.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    host: request.host,
    'x-amz-date': date,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
    ...(request.payloadHash === undefined ? {} : { 'x-amz-content-sha256': request.payloadHash }),
  };
  const names = Object.keys(headers).sort();
  const [path = '/', query = ''] = request.target.split('?');
  const canonical = [
    request.method,
    // Every service but S3 encodes the path once more.
    path
      .split('/')
      .map((segment) => encodeURIComponent(segment))
      .join('/'),
    query,
    ...names.map((name) => `${name}:${headers[name] ?? ''}`),
    '',
    names.join(';'),
    request.payloadHash ?? sha256(request.body),
  ].join('\n');
  const scope = [
    date.slice(0, 8),
    request.region ?? 'us-east-1',
    request.service ?? 'route53',
    'aws4_request',
  ];
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${keys.secretAccessKey}`));
  return {
    ...headers,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${[keys.accessKeyId, ...scope].join('/')}, SignedHeaders=${names.join(';')}, ` +
      `Signature=${hmac(key, toSign).toString('hex')}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
