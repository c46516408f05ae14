import type { Route53Client } from '@aws-sdk/client-route-53';
import type { AwsOperation } from '../core/aws-operation.ts';
import type { Backoff } from '../core/backoff.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { judgeAwsFailure } from './aws-failure.ts';
import { type Attempt, retrying } from './retry.ts';
import { makePacer } from './route53-pacer.ts';
import type { Route53Session } from './route53-session.ts';

/** The SDK's client, and the only way to use it. */
export interface Route53Calls {
  readonly client: Route53Client;
  readonly call: <T>(operation: AwsOperation, signal: AbortSignal, ask: Ask<T>) => Promise<T>;
}

/** One request by the SDK, which the signal ends, and what is wanted of its answer. */
type Ask<T> = (sending: { readonly abortSignal: AbortSignal }) => Promise<T>;

export interface CallPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A throttled account recovers within seconds; after two minutes in vain somebody should know. */
const backoff: Backoff = { firstMs: 1000, capMs: 20_000, giveUpAfterMs: 120_000 };

export function makeCalls(session: Route53Session, ports: CallPorts): Route53Calls {
  return { client: session.client, call: makeCall(session, ports) };
}

/**
 * Calls with the retries that the SDK does not make: each request waits for its turn, what passes is asked again with
 * backoff, a session that AWS refuses is renewed, once.
 */
export function makeCall(
  session: Pick<Route53Session, 'signIn' | 'renew'>,
  ports: CallPorts,
): Route53Calls['call'] {
  const pacer = makePacer(ports.clock);
  return async <T>(operation: AwsOperation, signal: AbortSignal, ask: Ask<T>): Promise<T> => {
    let isRenewed = false;
    const attempt = async (): Promise<Attempt<T>> => {
      await session.signIn(signal);
      await pacer.turn(operation.name, signal);
      ports.log.debug('asking Route 53', { operation: operation.name });
      try {
        return { kind: 'done', value: await ask({ abortSignal: signal }) };
      } catch (thrown) {
        signal.throwIfAborted();
        const { kind, error } = judgeAwsFailure(thrown, operation, ports.clock.now());
        if (error.code === 'route53.throttled') pacer.throttled();
        if (kind === 'retry') return { kind: 'passing', error };
        if (kind === 'failed' || isRenewed) throw error;
      }
      isRenewed = true;
      await session.renew(signal);
      return await attempt();
    };
    return await retrying(attempt, { ...ports, backoff }, signal);
  };
}
