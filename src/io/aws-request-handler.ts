import type { HttpClient } from './http.ts';

/** What the AWS SDK hands to its transport (Smithy's HttpRequest), as far as it matters here. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Route 53's largest answers list 300 record sets of 400 values. */
const answerCap = 16 << 20;

/**
 * The transport of the AWS SDK over our own network stack, so that proxies, roots and limits exist once. A type of the
 * SDK asks for it by the shape of a Smithy HttpHandler.
 */
export function awsRequestHandler(http: HttpClient) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (
      request: SdkRequest,
      { abortSignal }: { readonly abortSignal?: unknown } = {},
    ): Promise<{ response: SdkResponse }> => {
      const answer = await http.request({
        method: methodOf(request),
        url: urlOf(request),
        headers: request.headers,
        ...bodyOf(request),
        signal: abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal,
        maxBytes: answerCap,
      });
      return { response: { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function methodOf({ method }: SdkRequest): 'GET' | 'POST' {
  if (method === 'GET' || method === 'POST') return method;
  throw new TypeError(`no operation of Route 53 that lanacme uses is a ${method}`);
}

/** Spelled exactly as it was signed: path as given, query escaped as SigV4 escapes it. */
function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => (one === null ? escapeUri(name) : `${escapeUri(name)}=${escapeUri(one)}`)),
  );
  const authority = port === undefined ? hostname : `${hostname}:${port}`;
  return `${protocol}//${authority}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** encodeURIComponent leaves some characters that SigV4 wants escaped. */
function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function bodyOf({ body }: SdkRequest): { readonly body?: string | Uint8Array } {
  if (body === undefined) return {};
  if (typeof body === 'string' || body instanceof Uint8Array) return { body };
  throw new TypeError('no operation of Route 53 streams its body');
}
