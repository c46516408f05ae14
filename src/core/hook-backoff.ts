import type { Backoff } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

const minute = 60_000;
const withoutWait = 3;
/** Shorter than the hour between two runs of a timer, so that each of them tries. */
const longest = 50 * minute;

/**
 * Milliseconds to wait after so many failed deployments in a row: none at first, since whoever mends a hook runs
 * lanacme again, then 5, 10, 20, 40 and at most 50 minutes.
 *
 * @internal for tests.
 */
export function deploymentDelayMs(failures: number): number {
  return failures <= withoutWait ? 0 : Math.min(longest, 5 * minute * 2 ** (failures - withoutWait - 1));
}

/** The backoff after one more failure. */
export function afterFailure(before: Backoff | undefined, now: Date): Backoff {
  const failures = (before?.failures ?? 0) + 1;
  return { failures, until: rfc3339(new Date(now.getTime() + deploymentDelayMs(failures))) };
}

/** Whether a run that heeds the backoff still has to wait. */
export function isBackingOff(backoff: Backoff | undefined, now: Date): backoff is Backoff {
  return backoff !== undefined && Date.parse(backoff.until) > now.getTime();
}
