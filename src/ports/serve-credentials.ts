/** What `lanacme credentials serve` touches. */
import type { EndpointAnswer, EndpointRequest } from '../core/credentials-endpoint.ts';
import type { Clock, CredentialsSource, Log } from '../ports.ts';

export interface Listening {
  /** `http://127.0.0.1:9912`, one for each socket. */
  readonly origins: readonly string[];
  /** Whether systemd had opened the sockets: it goes on listening after the end, and starts the next run. */
  readonly isActivated: boolean;
  /** Takes no more requests, and resolves once those in hand are answered, or the signal has aborted. */
  close(signal: AbortSignal): Promise<void>;
}

/** An HTTP server on loopback. It caps sizes and times of requests itself. */
export interface CredentialsServer {
  /** @param answer is asked for each request; what it throws is answered by 500 without a word about it. */
  listen(answer: (request: EndpointRequest) => Promise<EndpointAnswer>): Promise<Listening>;
}

export interface BearerToken {
  readonly text: string;
  /** Where it stands. */
  readonly file: string;
  /** SDKs send the file as it is, and refuse to where it ends in a line break. */
  readonly hasLineBreak: boolean;
}

export interface ServePorts {
  readonly server: CredentialsServer;
  readonly token: {
    /** Reads the token, or makes it if there is none. */
    readonly readOrMake: () => Promise<BearerToken>;
    /** The one that is good now: whoever replaces or removes the file shuts out who knows the old one. */
    readonly read: () => Promise<BearerToken>;
  };
  readonly source: () => Promise<CredentialsSource>;
  readonly clock: Clock;
  readonly log: Log;
}
