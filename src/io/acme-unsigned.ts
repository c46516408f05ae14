import { type DirectoryResources, parseDirectory } from '../core/acme-directory.ts';
import { badAnswer, httpsUrl } from '../core/acme-member.ts';
import { clockOffsetMs } from '../core/clock-offset.ts';
import type { Clock } from '../ports.ts';
import { goodAnswer, jsonOf, type RequestSubject } from './acme-good-answer.ts';
import type { LibraryAnswer } from './acme-library.ts';
import { replayNonce } from './acme-nonces.ts';
import { askAgain } from './acme-retries.ts';
import type { AcmeTransport } from './acme-transport.ts';

/** The requests of ACME that nobody signs (RFC 8555 §7.1.1, §7.2; RFC 9773 §4.1). */
export interface UnsignedRequests {
  /** Asked for once. */
  directory(signal: AbortSignal): Promise<KnownDirectory>;
  /** From an earlier answer, else asked for; nobody else gets the same. */
  nonce(signal: AbortSignal): Promise<string>;
  /** Asked once: a failure is told, not repeated. */
  get(subject: RequestSubject, signal: AbortSignal): Promise<LibraryAnswer>;
}

export interface KnownDirectory {
  /** As the CA sent it. */
  readonly json: unknown;
  readonly resources: DirectoryResources;
}

export function makeUnsignedRequests(
  directoryUrl: string,
  transport: AcmeTransport,
  clock: Clock,
): UnsignedRequests {
  let known: KnownDirectory | undefined;
  let asking: Promise<KnownDirectory> | undefined;

  const ask = async (method: 'GET' | 'HEAD', url: string, asked: string, signal: AbortSignal) =>
    await goodAnswer({ url, asked }, clock, async () => {
      const send = async (): Promise<LibraryAnswer> => await transport.send({ method, url }, signal);
      return await askAgain(send, clock, signal);
    });

  const askForDirectory = async (signal: AbortSignal): Promise<KnownDirectory> => {
    const url = httpsUrl(directoryUrl, 'the directory URL');
    const answer = await ask('GET', url, `the request for the directory ${url}`, signal);
    const json = jsonOf(answer, url);
    known = { json, resources: { ...parseDirectory(json, url), ...clockOf(answer, clock.now()) } };
    return known;
  };

  /** Requests that begin at the same time share one. */
  const directory = async (signal: AbortSignal): Promise<KnownDirectory> => {
    signal.throwIfAborted();
    if (known !== undefined) return known;
    asking ??= askForDirectory(signal).finally(() => {
      asking = undefined;
    });
    return await asking;
  };

  const nonce = async (signal: AbortSignal): Promise<string> => {
    const kept = transport.nonces.take();
    if (kept !== undefined) return kept;
    const url = (await directory(signal)).resources.newNonce;
    const { headers } = await ask('HEAD', url, 'the request for a nonce', signal);
    const fresh = replayNonce(headers);
    if (fresh === undefined) throw badAnswer(`${url} sent no usable Replay-Nonce header`);
    return fresh;
  };

  const get: UnsignedRequests['get'] = async (subject, signal) =>
    await goodAnswer(
      subject,
      clock,
      async () => await transport.send({ method: 'GET', url: subject.url }, signal),
    );

  return { directory, nonce, get };
}

/** The Date of an answer that a cache gives out again is of the past (RFC 9111 §5.1): that says nothing. */
function clockOf({ headers }: LibraryAnswer, now: Date): { readonly clockOffsetMs?: number } {
  const offset = headers['age'] === undefined ? clockOffsetMs(headers['date'], now) : undefined;
  return offset === undefined ? {} : { clockOffsetMs: offset };
}
