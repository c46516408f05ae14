/**
 * The HTTP side of container credentials, as AWS's SDKs ask for them by `AWS_CONTAINER_CREDENTIALS_FULL_URI`
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html): a GET with the token in
 * `Authorization`. There is no IMDS form: that would give a token to anybody who asks.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { LanacmeError } from '../errors.ts';
import { rfc3339 } from './rfc3339.ts';
import type { SessionCredentials } from './session-answer.ts';

export const endpointPath = '/credentials';

/** A request as it came; of a header that was sent several times every value. */
export interface EndpointRequest {
  readonly method: string;
  /** The request target, untouched. */
  readonly target: string;
  readonly hosts: readonly string[];
  readonly authorizations: readonly string[];
  readonly hasBody: boolean;
}

export interface EndpointAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/**
 * Why a request gets nothing; undefined if it is to get credentials. Who does not know the token learns nothing but that,
 * not even which paths there are.
 */
export function refusedRequest(request: EndpointRequest, token: string): EndpointAnswer | undefined {
  // A page in a browser can have a name of its own lead to 127.0.0.1 (DNS rebinding): it cannot choose this header.
  if (!isForLoopback(request.hosts)) {
    return refusal(403, 'host-refused', 'the Host header does not name this host by a loopback address');
  }
  if (!hasToken(request.authorizations, token)) {
    return refusal(401, 'unauthorized', 'the Authorization header does not hold the token', {
      'www-authenticate': 'Bearer',
    });
  }
  if (request.hasBody) return refusal(400, 'body-refused', 'a request for credentials has no body');
  if (request.target !== endpointPath && request.target !== '/') {
    return refusal(404, 'not-found', `credentials are at ${endpointPath}`);
  }
  if (request.method !== 'GET') {
    return refusal(405, 'method-refused', 'credentials are asked for by GET', { allow: 'GET' });
  }
  return undefined;
}

/** @param roleArn of the session, where it is known. */
export function credentialsAnswer(credentials: SessionCredentials, roleArn?: string): EndpointAnswer {
  return answer(200, {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: rfc3339(credentials.expiration),
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
  });
}

/** AWS, or the way there, refused: never the client's fault, so 5xx, and never a success without credentials. */
export function failureAnswer({ code, message, outcome }: LanacmeError): EndpointAnswer {
  return refusal(outcome === 'wait' ? 503 : 502, code, message);
}

/** 127.0.0.1, ::1 or localhost, with any port: one may be forwarded. */
function isForLoopback(hosts: readonly string[]): boolean {
  const [host = '', ...others] = hosts;
  return others.length === 0 && /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?$/i.test(host);
}

/** As it stands in `AWS_CONTAINER_AUTHORIZATION_TOKEN`, or as other clients write a bearer token (RFC 6750 §2.1). */
function hasToken(authorizations: readonly string[], token: string): boolean {
  const [given = '', ...others] = authorizations;
  const candidates = [given, given.replace(/^Bearer +/i, '')];
  // Every candidate is compared, whole: how long it takes says nothing of how much of it was right.
  const matches = candidates.map((candidate) => timingSafeEqual(digest(candidate), digest(token)));
  return others.length === 0 && token !== '' && matches.includes(true);
}

/** Of one length, as the comparison needs it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refusal(
  status: number,
  code: string,
  message: string,
  headers: EndpointAnswer['headers'] = {},
): EndpointAnswer {
  return answer(status, { code, message }, headers);
}

function answer(status: number, body: object, headers: EndpointAnswer['headers'] = {}): EndpointAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
