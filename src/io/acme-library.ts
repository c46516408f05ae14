/**
 * The parts of acme-client that lanacme uses, as it uses them. Load this module with `import()`: the library and what
 * it brings along take longer to load than the rest of the program.
 */
import { axios, Client, crypto } from 'acme-client';

/** An answer as the transport gives it to the library and gets it back: `data` is parsed JSON, or text. */
export interface LibraryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/** What the library asks of its transport. */
export interface LibraryRequest {
  readonly method: string;
  readonly url: string;
  /** The signed body. */
  readonly data?: string;
}

/** Carries the library's requests, and throws what is wrong below HTTP. */
export type LibraryAdapter = (request: LibraryRequest) => Promise<LibraryAnswer>;

/** A server that refuses every second nonce fails one request in 65,000 with this; the library's own 5 is one in 64. */
const mostNonceRetries = 15;

/** Signs by one account key (JWS, RFC 8555 §6.2) and repeats a request whose nonce was refused. */
export interface Signer {
  /** A payload of `undefined` is POST-as-GET (§6.3). Without `kid` the key itself is sent. */
  request(url: string, payload: object | undefined, kid: string | undefined): Promise<LibraryAnswer>;
}

export interface ExternalAccount {
  readonly kid: string;
  readonly hmacKey: string;
}

/** The library's own HTTP class: there on every client, absent from its types. */
interface LibraryHttp {
  maxBadNonceRetries: number;
  signedRequest(
    url: string,
    payload: object | null,
    options: { kid: string | null; includeExternalAccountBinding: boolean },
  ): Promise<LibraryAnswer>;
}

export function makeSigner(directoryUrl: string, keyPem: string, externalAccount?: ExternalAccount): Signer {
  const client = new Client({
    directoryUrl,
    accountKey: keyPem,
    ...(externalAccount === undefined ? {} : { externalAccountBinding: { ...externalAccount } }),
  });
  const { http } = client as unknown as { readonly http: LibraryHttp };
  http.maxBadNonceRetries = mostNonceRetries;
  return {
    request: async (url, payload, kid) =>
      await http.signedRequest(url, payload ?? null, {
        kid: kid ?? null,
        includeExternalAccountBinding: externalAccount !== undefined,
      }),
  };
}

/**
 * Puts our transport under the library, for the whole process: its axios instance is one per process. The instance's
 * own retries are off: they would wait as long as the CA says, be it hours.
 */
export function useAdapter(adapter: LibraryAdapter): void {
  Object.assign(axios.defaults, {
    acmeSettings: { retryMaxAttempts: 0 },
    adapter,
    // The adapter has parsed what is to be parsed.
    transformResponse: [],
  });
}

/** A certificate request in PEM for these names, all in the SAN and none in the subject. */
export async function createCsr(keyPem: string, domains: readonly string[]): Promise<string> {
  const [, csr] = await crypto.createCsr({ altNames: [...domains] }, keyPem);
  return csr.toString();
}
