import type { DirectoryResources } from '../core/acme-directory.ts';
import type { Clock, Log } from '../ports.ts';
import { goodAnswer, type RequestSubject } from './acme-good-answer.ts';
import { makeInFlightLimit } from './acme-in-flight.ts';
import { type ExternalAccount, type LibraryAnswer, makeSigner } from './acme-library.ts';
import { askAgain } from './acme-retries.ts';
import { makeAcmeTransport } from './acme-transport.ts';
import { makeUnsignedRequests } from './acme-unsigned.ts';
import type { HttpClient } from './http.ts';

/** One signed request. Without `accountUrl` the key itself is sent: for a new account, and by a certificate's key. */
export interface SignedRequest extends RequestSubject {
  readonly keyPem: string;
  readonly externalAccount?: ExternalAccount;
  /** Absent for POST-as-GET (RFC 8555 §6.3). */
  readonly payload?: object;
  /**
   * What may be done when the CA fails at it or its answer is lost; absent: nothing. POST-as-GET is always repeated.
   * `repeat` is for what does no harm twice; otherwise it is looked whether the first has arrived.
   */
  readonly onLoss?: 'repeat' | Arrival;
}

/** What the CA has of a request whose answer was lost; undefined if it never arrived. */
export type Arrival = (signal: AbortSignal) => Promise<LibraryAnswer | undefined>;

/** Requests to one CA whose answers are good; everything else is thrown as a LanacmeError. */
export interface AcmeExchange {
  directory(signal: AbortSignal): Promise<DirectoryResources>;
  signed(request: SignedRequest, signal: AbortSignal): Promise<LibraryAnswer>;
  /** A GET that nobody signs, asked once. */
  unsigned(subject: RequestSubject, signal: AbortSignal): Promise<LibraryAnswer>;
}

export interface AcmeExchangeOptions {
  readonly directoryUrl: string;
  readonly http: HttpClient;
  readonly log: Log;
  readonly clock: Clock;
}

/** As many requests as a CA is asked at the same time: each beyond the first may cost one newNonce. */
const mostInFlight = 8;

export function makeAcmeExchange({ directoryUrl, http, log, clock }: AcmeExchangeOptions): AcmeExchange {
  const transport = makeAcmeTransport(http, log);
  const unsigned = makeUnsignedRequests(directoryUrl, transport, clock);
  const inFlight = makeInFlightLimit(mostInFlight);

  const signed: AcmeExchange['signed'] = async (request, signal) => {
    const signer = makeSigner(directoryUrl, request.keyPem, request.externalAccount);
    const calls = {
      directory: async () => (await unsigned.directory(signal)).json,
      nonce: async () => await unsigned.nonce(signal),
    };
    const send = async (): Promise<LibraryAnswer> =>
      await transport.carry(
        signal,
        calls,
        async () => await signer.request(request.url, request.payload, request.accountUrl),
      );
    const ask = async (): Promise<LibraryAnswer> => await inFlight(signal, send);
    const onLoss = request.payload === undefined ? 'repeat' : request.onLoss;
    if (onLoss === undefined) return await goodAnswer(request, clock, ask);
    const arrived = onLoss === 'repeat' ? undefined : onLoss;
    return await goodAnswer(request, clock, async () => await askAgain(ask, clock, signal, arrived));
  };

  return {
    directory: async (signal) => (await unsigned.directory(signal)).resources,
    signed,
    unsigned: async (subject, signal) =>
      await inFlight(signal, async () => await unsigned.get(subject, signal)),
  };
}
