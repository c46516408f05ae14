/**
 * Nonces of earlier answers, each given out once (RFC 8555 §6.5). They belong to one server. The newest goes first: a
 * server forgets the oldest first.
 */
export interface NoncePool {
  take(): string | undefined;
  put(nonce: string): void;
}

/** More than this many are never of use: it is the number of requests in flight. */
const mostNonces = 8;

export function makeNoncePool(): NoncePool {
  const nonces: string[] = [];
  return {
    take: () => nonces.pop(),
    put: (nonce) => {
      nonces.push(nonce);
      if (nonces.length > mostNonces) nonces.shift();
    },
  };
}

/** The Replay-Nonce of an answer; one that is not base64url counts as absent (§6.5.1: it must be ignored). */
export function replayNonce(headers: Readonly<Record<string, string>>): string | undefined {
  const nonce = headers['replay-nonce'];
  return nonce !== undefined && /^[A-Za-z0-9_-]+$/.test(nonce) ? nonce : undefined;
}
