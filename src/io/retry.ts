import { type Backoff, backoffDelayMs } from '../core/backoff.ts';
import type { LanacmeError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';

/** How one attempt ended; what asking again cannot mend is thrown instead. */
export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'passing'; readonly error: LanacmeError };

export interface Retrying {
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Repeats an attempt while its failure passes, within the limits of the backoff; then throws the last failure. A
 * signal that aborts ends the wait with its reason.
 */
export async function retrying<T>(
  attempt: () => Promise<Attempt<T>>,
  { backoff, clock, random, log }: Retrying,
  signal: AbortSignal,
): Promise<T> {
  const begun = clock.now().getTime();
  for (let failures = 1; ; failures += 1) {
    const ended = await attempt();
    if (ended.kind === 'done') return ended.value;
    const elapsedMs = clock.now().getTime() - begun;
    const delay = backoffDelayMs(backoff, failures, elapsedMs, random.number());
    if (delay === undefined) throw ended.error;
    log.debug('trying again', { after: `${delay} ms`, because: ended.error.message });
    await clock.sleep(delay, signal);
  }
}
