/** How long and how often a failed request is repeated. */
export interface Backoff {
  /** The longest wait after the first failure; it doubles with each further one. */
  readonly firstMs: number;
  /** No wait is longer. */
  readonly capMs: number;
  /** No attempt begins later than this after the first one began. */
  readonly giveUpAfterMs: number;
  /** The first one included; absent if time alone is the limit. */
  readonly attempts?: number;
}

/**
 * Milliseconds to wait before the next attempt, or undefined if it is time to give up. Exponential with full jitter:
 * anything from nothing to the current ceiling, so that hosts which failed together do not come back together.
 *
 * @param failures how many attempts have failed so far, from 1
 * @param elapsedMs since the first attempt began
 * @param chance a random number in [0, 1)
 * @param atLeastMs how long the peer wants to be left alone; the jitter comes on top, since it told others the same
 */
export function backoffDelayMs(
  backoff: Backoff,
  failures: number,
  elapsedMs: number,
  chance: number,
  atLeastMs = 0,
): number | undefined {
  if (backoff.attempts !== undefined && failures >= backoff.attempts) return undefined;
  const ceiling = Math.min(backoff.capMs, backoff.firstMs * 2 ** (failures - 1));
  const delay = atLeastMs + Math.floor(chance * ceiling);
  return elapsedMs + delay > backoff.giveUpAfterMs ? undefined : delay;
}
