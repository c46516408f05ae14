import type { Route53Client } from '@aws-sdk/client-route-53';
import type { AwsOperation } from '../core/aws-operation.ts';
import type { Backoff } from '../core/backoff.ts';
import type { LanacmeError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { judgeAwsFailure } from './aws-failure.ts';
import { type Attempt, retrying } from './retry.ts';
import { makePacer } from './route53-pacer.ts';
import type { Route53Session } from './route53-session.ts';

/** The SDK's client, and the only way to use it. */
export interface Route53Calls {
  readonly client: Route53Client;
  readonly call: Call;
}

/** @param whenThrottled gives an answer instead, after the wait, so that nothing is sent again */
type Call = <T>(
  operation: AwsOperation,
  signal: AbortSignal,
  ask: Ask<T>,
  whenThrottled?: () => T | undefined,
) => Promise<T>;

/** One request by the SDK, which the signal ends, and what is wanted of its answer. */
export type Ask<T> = (sending: { readonly abortSignal: AbortSignal }) => Promise<T>;

export interface CallPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of each request as it is sent. */
  readonly count?: (operation: AwsOperation['name']) => void;
}

/** After two minutes in vain somebody should know. */
const giveUpAfterMs = 120_000;
/** What fails by itself is soon better. */
const failedBackoff: Backoff = { firstMs: 1_000, capMs: 20_000, giveUpAfterMs };
/** Whoever shares the account does not stop at once, and those who were throttled together must not come back together. */
const throttledBackoff: Backoff = { firstMs: 20_000, capMs: 20_000, giveUpAfterMs };

const isThrottled = (error: LanacmeError | undefined): boolean => error?.code === 'route53.throttled';

export function makeCalls(session: Route53Session, ports: CallPorts): Route53Calls {
  return { client: session.client, call: makeCall(session, ports) };
}

/**
 * Calls with the retries that the SDK does not make: each request waits for its turn, what passes is asked again with
 * backoff, a session that AWS refuses is renewed, once.
 *
 * @internal for tests, which have another session.
 */
export function makeCall(session: Pick<Route53Session, 'signIn' | 'renew'>, ports: CallPorts): Call {
  const pacer = makePacer(ports.clock);
  return async <T>(
    operation: AwsOperation,
    signal: AbortSignal,
    ask: Ask<T>,
    whenThrottled?: () => T | undefined,
  ): Promise<T> => {
    let isRenewed = false;
    const attempt = async (last?: LanacmeError): Promise<Attempt<T>> => {
      const instead = isThrottled(last) ? whenThrottled?.() : undefined;
      if (instead !== undefined) return { kind: 'done', value: instead };
      await session.signIn(signal);
      await pacer.turn(operation.name, signal);
      ports.log.debug('asking Route 53', { operation: operation.name });
      ports.count?.(operation.name);
      try {
        return { kind: 'done', value: await ask({ abortSignal: signal }) };
      } catch (thrown) {
        signal.throwIfAborted();
        const { kind, error } = judgeAwsFailure(thrown, operation, ports.clock.now());
        if (isThrottled(error)) pacer.throttled();
        if (kind === 'retry') return { kind: 'passing', error };
        if (kind === 'failed' || isRenewed) throw error;
      }
      isRenewed = true;
      await session.renew(signal);
      return await attempt();
    };
    const backoff = (error: LanacmeError): Backoff => (isThrottled(error) ? throttledBackoff : failedBackoff);
    return await retrying(attempt, { ...ports, backoff }, signal);
  };
}
