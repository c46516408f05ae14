import type { Backoff } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** Let's Encrypt's advice (https://letsencrypt.org/docs/integration-guide/): soon at first, in case it was a hiccup. */
const firstDelays = [minute, 10 * minute, 100 * minute] as const;
/** Of the delay, at most so much is added by chance, so that hosts that failed together do not come back together. */
const jitter = 0.2;

/**
 * Milliseconds to wait after so many failures in a row: 1, 10 and 100 minutes, then a tenth of the time that the
 * certificate has left, between 10 minutes and a day.
 *
 * @internal
 * @param leftMs until the certificate in place expires; 0 without one
 * @param chance in [0, 1)
 */
export function renewalDelayMs(failures: number, leftMs: number, chance: number): number {
  const delay = firstDelays[failures - 1] ?? Math.min(day, Math.max(leftMs / 10, 10 * minute));
  return Math.round(delay * (1 + jitter * chance));
}

/** The backoff after one more failure, which ends no sooner than the CA said. */
export function nextBackoff(
  before: Backoff | undefined,
  {
    now,
    notAfter,
    retryAt,
    chance,
  }: {
    readonly now: Date;
    readonly notAfter: Date | undefined;
    readonly retryAt: Date | undefined;
    readonly chance: number;
  },
): Backoff {
  const failures = (before?.failures ?? 0) + 1;
  const leftMs = Math.max(0, (notAfter?.getTime() ?? 0) - now.getTime());
  const ownEnd = now.getTime() + renewalDelayMs(failures, leftMs, chance);
  return { failures, until: rfc3339(new Date(Math.max(ownEnd, retryAt?.getTime() ?? 0))) };
}
