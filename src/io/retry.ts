import { type Backoff, backoffDelayMs } from '../core/backoff.ts';
import type { LanacmeError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';

/** How one attempt ended; what asking again cannot mend is thrown instead. */
export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | {
      readonly kind: 'passing';
      readonly error: LanacmeError;
      /** The next attempt must not come earlier: what the peer said. */
      readonly afterMs?: number;
    };

export interface Retrying {
  /** One for all failures, or by failure. */
  readonly backoff: Backoff | ((last: LanacmeError) => Backoff);
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Repeats an attempt while its failure passes, within the limits of the backoff; then throws the last failure. Each
 * attempt is told how the last one failed. A person's signal ends the wait with its reason, a deadline with the last failure: that is what kept it from being done.
 */
export async function retrying<T>(
  attempt: (last?: LanacmeError) => Promise<Attempt<T>>,
  { backoff, clock, random, log }: Retrying,
  signal: AbortSignal,
): Promise<T> {
  const begun = clock.now().getTime();
  let last: LanacmeError | undefined;
  try {
    for (let failures = 1; ; failures += 1) {
      const ended = await attempt(last);
      if (ended.kind === 'done') return ended.value;
      last = ended.error;
      const elapsedMs = clock.now().getTime() - begun;
      const limits = typeof backoff === 'function' ? backoff(last) : backoff;
      const delay = backoffDelayMs(limits, failures, elapsedMs, random.number(), ended.afterMs);
      if (delay === undefined) throw last;
      log.debug('trying again', { after: `${delay} ms`, because: last.message });
      await clock.sleep(delay, signal);
    }
  } catch (reason) {
    throw last !== undefined && isDeadline(reason) ? last : reason;
  }
}

/** What `AbortSignal.timeout` aborts with. */
function isDeadline(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}
