import type { TokenBucket } from './ca-limits.ts';

/**
 * When a bucket has a token (again), after those that were taken out of it: `now`, or a later instant. Times are epoch
 * milliseconds, in any order.
 */
export function freeFrom({ capacity, refillMs }: TokenBucket, taken: readonly number[], now: number): number {
  let tokens = capacity;
  let last = -Infinity;
  for (const at of [...taken].sort((one, other) => one - other)) {
    tokens = Math.min(capacity, tokens + (at - last) / refillMs) - 1;
    last = at;
  }
  return tokens + (now - last) / refillMs >= 1 ? now : last + (1 - tokens) * refillMs;
}
