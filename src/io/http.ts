/**
 * The one network stack: every HTTP request of lanacme, to the CA, the IoT credentials provider and (through
 * `aws-request-handler`) Route 53, goes through a client made here. Proxies, roots, time limits and caps exist once.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { HttpFailure, type HttpStage, httpFailure } from './http-failure.ts';
import { chooseProxy } from './proxy.ts';
import { nodeRoots } from './trusted-roots.ts';
import { version } from './version.ts';

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
  /** Hosts that are asked directly: see `chooseProxy`. */
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

/** What lanacme calls itself to servers (RFC 8555 §6.1 demands a name). */
export const userAgent = `lanacme/${version}`;

const mebibyte = 1 << 20;

/** A client whose requests share connections, roots, client certificate, proxy and limits. */
export function makeHttpClient(options: HttpOptions): HttpClient {
  const routes = makeRoutes(options);
  const totalTimeoutMs = options.totalTimeoutMs ?? 60_000;
  return {
    request: async (request) => await exchange(routes, request, totalTimeoutMs),
    close: async () => {
      await Promise.all(
        routes.all.map(async (route) => {
          await route.destroy();
        }),
      );
    },
  };
}

interface Routes {
  to(url: URL): Route;
  readonly all: readonly Dispatcher[];
}

interface Route {
  readonly dispatcher: Dispatcher;
  /** Set where a proxy stands between, for messages. */
  readonly proxyHost?: string;
}

async function exchange(routes: Routes, request: HttpRequest, totalTimeoutMs: number): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const limit = AbortSignal.timeout(totalTimeoutMs);
  const { dispatcher, proxyHost } = routes.to(url);
  const peer = proxyHost === undefined ? url.host : `${url.host} through the proxy ${proxyHost}`;
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
      const sentence = `no whole answer from ${peer} within ${totalTimeoutMs / 1000} s`;
      throw new HttpFailure('timeout', url.host, sentence, error);
    }
    throw httpFailure(error, { host: url.host, peer, stage });
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

/** The direct way and, where a proxy is configured, the way through it; each with its own connections. */
function makeRoutes(options: HttpOptions): Routes {
  const timeout = options.connectTimeoutMs ?? 10_000;
  const headersTimeout = options.headersTimeoutMs ?? 30_000;
  const connect = { timeout, secureContext: secureContext(options) };
  const limits = {
    connections: options.connections ?? 8,
    headersTimeout,
    bodyTimeout: headersTimeout,
    // Longer than the four seconds between two looks at a change, so that they share a connection.
    keepAliveTimeout: 10_000,
  };
  const direct = new Agent({ ...limits, connect });
  const choice = chooseProxy(options.httpsProxy, options.noProxy);
  if (choice === undefined) return { to: () => ({ dispatcher: direct }), all: [direct] };
  const proxied = new ProxyAgent({
    ...limits,
    uri: choice.url.href,
    // The TLS with the server goes end to end, client certificate included; the proxy's own TLS sees none of it.
    requestTls: connect,
    proxyTls: { timeout },
    clientFactory: (proxy, poolOptions) => new Pool(proxy, { ...poolOptions, headersTimeout }),
  });
  const throughProxy = { dispatcher: proxied, proxyHost: choice.url.host };
  return {
    to: (url) => (choice.serves(url) ? throughProxy : { dispatcher: direct }),
    all: [direct, proxied],
  };
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
