import { setClock } from '../core/clock-offset.ts';
import type { CredentialsRefusal } from '../core/credentials-refusal.ts';
import type { SessionVerdict } from '../core/session-answer.ts';
import type { AwsCredentials, Clock, Log, Random } from '../ports.ts';
import { type HttpClient, type HttpOptions, makeHttpClient } from './http.ts';
import { HttpFailure } from './http-failure.ts';
import { type Attempt, retrying } from './retry.ts';

/** An attempt takes ten seconds at most and none begins after twenty: all is over within thirty. */
const attemptMs = 10_000;
const backoff = { firstMs: 500, capMs: 5000, giveUpAfterMs: 20_000, attempts: 4 };

/**
 * A client for one session: the next is an hour away, and a client certificate belongs to the connection.
 *
 * @param trust what proves who the server is, and this host to it.
 */
export function connectForSession(
  trust: Pick<HttpOptions, 'cert' | 'key' | 'onlyRoots' | 'extraRoots'>,
  { httpsProxy, noProxy }: Pick<HttpOptions, 'httpsProxy' | 'noProxy'>,
): HttpClient {
  return makeHttpClient({
    ...trust,
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    connectTimeoutMs: attemptMs,
    headersTimeoutMs: attemptMs,
    totalTimeoutMs: attemptMs,
    connections: 1,
  });
}

export interface SessionAsking {
  /** One request, judged; it may throw `HttpFailure`. */
  readonly ask: () => Promise<SessionVerdict>;
  readonly judgeFailure: (failure: HttpFailure) => CredentialsRefusal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Asks until there are credentials, as long as asking again can help.
 *
 * @throws LanacmeError the last refusal.
 */
export async function askForSession(asking: SessionAsking, signal: AbortSignal): Promise<AwsCredentials> {
  return await retrying(async () => await attempt(asking), { ...asking, backoff }, signal);
}

async function attempt({ ask, judgeFailure, log }: SessionAsking): Promise<Attempt<AwsCredentials>> {
  const verdict = await ask().catch((thrown: unknown) => {
    if (thrown instanceof HttpFailure) return judgeFailure(thrown);
    throw thrown;
  });
  switch (verdict.kind) {
    case 'credentials':
      if (verdict.clock !== undefined) log.warn(verdict.clock, { hint: setClock });
      return { kind: 'done', value: verdict.credentials };
    case 'retry':
      return { ...verdict, kind: 'passing' };
    case 'failed':
      throw verdict.error;
  }
}
