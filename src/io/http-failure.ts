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

export interface Exchange {
  readonly host: string;
  /** The host in words: with the proxy, if one stands between. */
  readonly peer: string;
  /** How far it had come: a closed connection means something else in the middle of an answer. */
  readonly stage: HttpStage;
}
export type HttpStage = 'asking' | 'reading';

/** Turns what undici, TLS or a socket threw into a failure of ours. Anything else is a bug, and stays as it is. */
export function httpFailure(thrown: unknown, { host, peer, stage }: Exchange): unknown {
  if (thrown instanceof HttpFailure) return thrown;
  const kind = kindOf(thrown, stage);
  if (kind === undefined) return thrown;
  return new HttpFailure(kind, host, sentenceOf(kind, peer, thrown), thrown);
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

const closed = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENOTCONN', 'UND_ERR_SOCKET', 'UND_ERR_INFO']);

/** The words of OpenSSL's verification (Node: "X509 certificate error codes") that say the peer's certificate is no proof. */
const untrusted =
  /^(ERR_TLS_CERT_|UND_ERR_PRX_TLS|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_|ERROR_IN_C|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/;

function kindOf(thrown: unknown, stage: HttpStage): HttpFailureKind | undefined {
  if (thrown instanceof errors.HTTPParserError) return 'cut-off';
  const code = codeOf(thrown);
  const known = kindOfCode[code];
  if (known !== undefined) return known;
  if (code.startsWith('EAI_')) return 'dns';
  if (untrusted.test(code)) return 'untrusted';
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') return 'tls';
  if (closed.has(code)) return stage === 'reading' ? 'cut-off' : 'reset';
  return undefined;
}

/** The code that tells most: an undici error about a socket carries the socket's own error as its cause. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  const own = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const inner = codeOf(thrown.cause);
  return inner === '' ? own : inner;
}

const sentences: Readonly<Record<HttpFailureKind, (peer: string) => string>> = {
  dns: (peer) => `no address found for ${peer}`,
  refused: (peer) => `nothing listens at ${peer}`,
  unreachable: (peer) => `no way to ${peer}`,
  reset: (peer) => `${peer} closed the connection without an answer`,
  timeout: (peer) => `no answer from ${peer} in time`,
  tls: (peer) => `no TLS connection with ${peer}`,
  untrusted: (peer) => `the certificate of ${peer} is not trusted`,
  'too-large': (peer) => `the answer of ${peer} is too large`,
  'cut-off': (peer) => `the answer of ${peer} is not whole`,
  aborted: (peer) => `the connection to ${peer} was closed by lanacme`,
};

function sentenceOf(kind: HttpFailureKind, peer: string, thrown: unknown): string {
  const said = wordsOf(thrown);
  return sentences[kind](peer) + (said === '' ? '' : ` (${said.slice(0, 200)})`);
}

/** OpenSSL's own message begins with addresses and ends with a file of its sources; `reason` is the part for people. */
function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if ('reason' in thrown && typeof thrown.reason === 'string' && codeOf(thrown).startsWith('ERR_SSL_'))
    return thrown.reason;
  return thrown.message === '' ? codeOf(thrown) : thrown.message;
}
