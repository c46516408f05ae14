import { errors } from 'undici';

/**
 * What went wrong below HTTP:
 * `dns` no address · `refused` nothing listens · `unreachable` no route, or the proxy would not connect · `reset` the
 * connection ended before an answer began · `timeout` a limit ran out · `tls` no TLS with this peer (an alert, another
 * protocol) · `untrusted` its certificate proves nothing to us · `too-large` more than was asked for · `cut-off` the
 * answer began and did not end, or was not HTTP · `aborted` our own client was closed meanwhile.
 *
 * Only `dns`, `refused`, `unreachable` and `untrusted` prove that the request was never seen.
 */
export type HttpFailureKind =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'tls'
  | 'untrusted'
  | 'too-large'
  | 'cut-off'
  | 'aborted';

/** There is no HTTP answer: one sentence with the host, the kind for decisions, the cause kept. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;
  /** `host:port`, the port absent if it is the scheme's own. */
  readonly host: string;

  constructor(kind: HttpFailureKind, host: string, sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.host = host;
  }
}

/** How far the exchange had come: a closed connection means something else in the middle of an answer. */
export type HttpStage = 'asking' | 'reading';

/** Turns what undici, TLS or a socket threw into a failure of ours. */
export function httpFailure(thrown: unknown, host: string, stage: HttpStage): HttpFailure {
  if (thrown instanceof HttpFailure) return thrown;
  const kind = kindOf(thrown, stage);
  return new HttpFailure(kind, host, sentenceOf(kind, host, thrown), thrown);
}

const kindOfCode: Readonly<Record<string, HttpFailureKind>> = {
  ENOTFOUND: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut-off',
  UND_ERR_HEADERS_OVERFLOW: 'too-large',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too-large',
  UND_ERR_DESTROYED: 'aborted',
  UND_ERR_CLOSED: 'aborted',
  // A proxy that would not open the tunnel; its status is in the message.
  UND_ERR_ABORTED: 'unreachable',
};

/** The words of OpenSSL's verification (Node: "X509 certificate error codes") that say the peer's certificate is no proof. */
const untrusted =
  /^(ERR_TLS_CERT_|UND_ERR_PRX_TLS|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_|ERROR_IN_C|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/;

function kindOf(thrown: unknown, stage: HttpStage): HttpFailureKind {
  if (thrown instanceof errors.HTTPParserError) return 'cut-off';
  const code = codeOf(thrown);
  const known = kindOfCode[code];
  if (known !== undefined) return known;
  if (code.startsWith('EAI_')) return 'dns';
  if (untrusted.test(code)) return 'untrusted';
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') return 'tls';
  return stage === 'reading' ? 'cut-off' : 'reset';
}

/** The code that tells most: an undici error about a socket carries the socket's own error as its cause. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  const own = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const inner = codeOf(thrown.cause);
  return inner === '' ? own : inner;
}

const sentences: Readonly<Record<HttpFailureKind, (host: string) => string>> = {
  dns: (host) => `no address found for ${host}`,
  refused: (host) => `nothing listens at ${host}`,
  unreachable: (host) => `no way to ${host}`,
  reset: (host) => `${host} closed the connection without an answer`,
  timeout: (host) => `no answer from ${host} in time`,
  tls: (host) => `no TLS connection with ${host}`,
  untrusted: (host) => `the certificate of ${host} is not trusted`,
  'too-large': (host) => `the answer of ${host} is too large`,
  'cut-off': (host) => `the answer of ${host} is not whole`,
  aborted: (host) => `the connection to ${host} was closed by lanacme`,
};

function sentenceOf(kind: HttpFailureKind, host: string, thrown: unknown): string {
  const said = thrown instanceof Error && thrown.message !== '' ? thrown.message : codeOf(thrown);
  return sentences[kind](host) + (said === '' ? '' : ` (${said.slice(0, 200)})`);
}
