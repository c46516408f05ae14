import { AsyncLocalStorage } from 'node:async_hooks';
import { badAnswer, isObject } from '../core/acme-member.ts';
import type { Log } from '../ports.ts';
import { type LibraryAnswer, type LibraryRequest, useAdapter } from './acme-library.ts';
import { makeNoncePool, type NoncePool, replayNonce } from './acme-nonces.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';

/** One server's HTTP, unsigned: what acme-client sends within `carry` goes through it too. */
export interface AcmeTransport {
  /** Throws `HttpFailure`, and the signal's reason once it has aborted. */
  send(request: Pick<HttpRequest, 'method' | 'url' | 'body'>, signal: AbortSignal): Promise<LibraryAnswer>;
  /** Runs calls of acme-client whose requests are this server's, under this signal. */
  carry<T>(signal: AbortSignal, calls: LibraryCalls, run: () => Promise<T>): Promise<T>;
  readonly nonces: NoncePool;
}

/** Where the two unsigned requests of acme-client get their answers: normally from memory. */
export interface LibraryCalls {
  /** The directory, as the CA sent it. */
  directory(): Promise<unknown>;
  /** A nonce that nobody else gets. */
  nonce(): Promise<string>;
}

type Carrier = (request: LibraryRequest) => Promise<LibraryAnswer>;

/**
 * acme-client has one axios instance for the whole process, so the adapter under it is one as well. Which server and
 * which signal a request belongs to is known by the asynchronous context of the call that made it: servers, tests
 * and calls beside each other never share nonces, connections or signals.
 */
const carriers = new AsyncLocalStorage<Carrier>();

async function adapter(request: LibraryRequest): Promise<LibraryAnswer> {
  const carrier = carriers.getStore();
  if (carrier === undefined) throw new Error('acme-client sent a request outside of a call of lanacme');
  return await carrier(request);
}

/** The transport of one server over our own network stack. */
export function makeAcmeTransport(http: HttpClient, log: Log): AcmeTransport {
  useAdapter(adapter);
  const nonces = makeNoncePool();
  const send: AcmeTransport['send'] = async ({ method, url, body }, signal) => {
    const content = body === undefined ? {} : { headers: { 'content-type': 'application/jose+json' }, body };
    const answer = await http.request({ method, url, ...content, signal });
    log.debug('asked the CA', { method, url, status: answer.status });
    return libraryAnswer(answer, url);
  };
  const carry: AcmeTransport['carry'] = async (signal, calls, run) => {
    const carrier: Carrier = async (request) => {
      if (request.method === 'get') return fromMemory({}, await calls.directory());
      if (request.method === 'head') return fromMemory({ 'replay-nonce': await calls.nonce() }, '');
      const answer = await send({ method: 'POST', url: request.url, body: request.data ?? '' }, signal);
      keepNonce(nonces, answer);
      return answer;
    };
    return await carriers.run(carrier, run);
  };
  return { send, carry, nonces };
}

/** The library signs its repetition of a request with the nonce that came with the refusal: that one is spoken for. */
function keepNonce(nonces: NoncePool, answer: LibraryAnswer): void {
  const nonce = replayNonce(answer.headers);
  if (nonce !== undefined && !isBadNonce(answer)) nonces.put(nonce);
}

/** The test that the library makes. */
function isBadNonce({ status, data }: LibraryAnswer): boolean {
  return status === 400 && isObject(data) && data['type'] === 'urn:ietf:params:acme:error:badNonce';
}

function fromMemory(headers: Readonly<Record<string, string>>, data: unknown): LibraryAnswer {
  return { status: 200, headers, data };
}

/** JSON by its content type, everything else as text; a nonce that is none is dropped before the library sees it. */
function libraryAnswer({ status, headers, body }: HttpAnswer, url: string): LibraryAnswer {
  const isUsable = replayNonce(headers) !== undefined;
  const kept = Object.entries(headers).filter(([name]) => isUsable || name !== 'replay-nonce');
  const text = body.toString('utf8');
  const isJson = /^application\/([a-z.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
  return {
    status,
    headers: Object.fromEntries(kept),
    data: isJson && text !== '' ? parseJson(text, status, url) : text,
  };
}

function parseJson(text: string, status: number, url: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // What comes with an error status is only read to tell it: half a problem document is better than none.
    if (status >= 400) return text;
    throw badAnswer(`what ${url} sent as JSON is not JSON`, error);
  }
}
