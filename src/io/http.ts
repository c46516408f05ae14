/**
 * The one network stack: every HTTP request of lanacme, to the CA, the IoT credentials provider and (through
 * `aws-request-handler`) Route 53, goes through a client made here. Proxies, roots, time limits and caps exist once.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { LanacmeError } from '../errors.ts';
import { HttpFailure, type HttpStage, httpFailure } from './http-failure.ts';
import { nodeRoots } from './trusted-roots.ts';

export { HttpFailure } from './http-failure.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  /** Cap of the answer's body, default 1 MiB. */
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpClient {
  /**
   * One request, one answer whatever its status; redirects are answers. Throws `HttpFailure` when there is no whole
   * answer, and the signal's own reason once that has aborted.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends every connection, those in use too. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** PEM, trusted besides what Node trusts. */
  readonly extraRoots?: readonly string[];
  /** PEM, trusted instead of what Node trusts. */
  readonly onlyRoots?: readonly string[];
  /** PEM of the client certificate (with its chain) and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly keyPassphrase?: string;
  /** `http[s]://[user:password@]host:port` or `host:port`; https requests go through it by CONNECT. */
  readonly httpsProxy?: string;
  /** Hosts that are asked directly: `*`, or names (with all below them), addresses, `host:port`; as in other tools loopback is no exception. */
  readonly noProxy?: string;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Until the headers, and between two pieces of the body; default 30 s. */
  readonly headersTimeoutMs?: number;
  /** The whole exchange; default 60 s. */
  readonly totalTimeoutMs?: number;
  /** Per origin; default 8. */
  readonly connections?: number;
}

declare const LANACME_VERSION: string | undefined;

/** What lanacme calls itself to servers (RFC 8555 §6.1 demands a name). */
export const userAgent = `lanacme/${typeof LANACME_VERSION === 'string' ? LANACME_VERSION : 'dev'}`;

const mebibyte = 1 << 20;

/** A client whose requests share connections, roots, client certificate, proxy and limits. */
export function makeHttpClient(options: HttpOptions): HttpClient {
  const dispatcher = makeDispatcher(options);
  const totalTimeoutMs = options.totalTimeoutMs ?? 60_000;
  return {
    request: async (request) => await exchange(dispatcher, request, totalTimeoutMs),
    close: async () => {
      await dispatcher.destroy();
    },
  };
}

async function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  totalTimeoutMs: number,
): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const limit = AbortSignal.timeout(totalTimeoutMs);
  let stage: HttpStage = 'asking';
  try {
    request.signal.throwIfAborted();
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: { 'user-agent': userAgent, ...request.headers },
      body: request.body ?? null,
      signal: AbortSignal.any([request.signal, limit]),
    });
    stage = 'reading';
    const body = await readBody(answer.body, request.maxBytes ?? mebibyte, url.host);
    return { status: answer.statusCode, headers: joinHeaders(answer.headers), body };
  } catch (error) {
    request.signal.throwIfAborted();
    if (limit.aborted) {
      const sentence = `no whole answer from ${url.host} within ${totalTimeoutMs / 1000} s`;
      throw new HttpFailure('timeout', url.host, sentence, error);
    }
    throw httpFailure(error, url.host, stage);
  }
}

async function readBody(
  stream: Dispatcher.ResponseData['body'],
  maxBytes: number,
  host: string,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes)
      throw new HttpFailure('too-large', host, `the answer of ${host} is larger than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function joinHeaders(headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value ?? ''].flat().join(', ')]),
  );
}

function makeDispatcher(options: HttpOptions): Dispatcher {
  const timeout = options.connectTimeoutMs ?? 10_000;
  const headersTimeout = options.headersTimeoutMs ?? 30_000;
  const connect = { timeout, secureContext: secureContext(options) };
  return new EnvHttpProxyAgent({
    connections: options.connections ?? 8,
    headersTimeout,
    bodyTimeout: headersTimeout,
    // Longer than the four seconds between two looks at a change, so that they share a connection.
    keepAliveTimeout: 10_000,
    connect,
    // Behind a proxy: the TLS with the server is ours alone, end to end; the client certificate is not for the proxy.
    requestTls: connect,
    proxyTls: { timeout },
    clientFactory: (proxy, poolOptions) => new Pool(proxy, { ...poolOptions, headersTimeout }),
    // The library would look for absent ones in the environment itself.
    httpProxy: '',
    httpsProxy: proxyUrl(options.httpsProxy),
    noProxy: options.noProxy ?? '',
  });
}

/** Made once: a context with all of Node's roots takes several milliseconds. */
function secureContext(options: HttpOptions): SecureContext {
  const { extraRoots, onlyRoots, cert, key, keyPassphrase } = options;
  const added =
    extraRoots === undefined || extraRoots.length === 0 ? undefined : [...nodeRoots(), ...extraRoots];
  const ca = onlyRoots === undefined ? added : [...onlyRoots];
  return createSecureContext({
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase }),
  });
}

/** The proxy as a URL, or `''` for none. Its text is never repeated: it may hold a password. */
function proxyUrl(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  const url = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new LanacmeError('config.invalid-value', 'HTTPS_PROXY is not the URL of an HTTP proxy', {
    hint: 'write it as http://host:port or https://host:port, with user:password@ before the host if needed',
    outcome: 'usage',
  });
}
