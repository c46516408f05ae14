import { request } from 'node:https';

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpsOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the roots to trust, instead of the public ones. */
  readonly ca?: string;
  /** Client certificate and key. */
  readonly cert?: string;
  readonly key?: string;
  /** The name to ask for in TLS; an empty one sends none. Default: the URL's host. */
  readonly servername?: string;
  /** Takes any certificate of the server's, for tests of what servers do. */
  readonly isAnyServer?: boolean;
  /** Ends the exchange before its time, which is half a minute. */
  readonly signal?: AbortSignal;
}

/** One HTTPS request on a connection of its own, its answer whole, with no opinion about the status. */
export async function httpsRequest(url: string, options: HttpsOptions = {}): Promise<HttpsAnswer> {
  const { body, signal, method = 'GET', headers, isAnyServer = false, ...tls } = options;
  const limit = AbortSignal.timeout(30_000);
  return await new Promise<HttpsAnswer>((resolve, reject) => {
    const sent = request(
      url,
      {
        ...tls,
        method,
        agent: false,
        rejectUnauthorized: !isAnyServer,
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: { 'user-agent': 'lanacme-tests', ...headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
