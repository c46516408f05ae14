import type { AcmeProblem } from './acme-objects.ts';

/** How long a run is put off when the CA says to wait and names no time: what its limits refill in, mostly. */
const untoldWaitMs = 3600 * 1000;
/** Longest wait believed, as for Retry-After. */
const longestMs = 31 * 24 * 3600 * 1000;

/** Until when a CA wants to be left alone. */
export interface CaWait {
  readonly until: Date;
  /** Whether the time is the CA's own. */
  readonly isTold: boolean;
}

/**
 * When to come back after a refusal that means "wait": the answer's Retry-After, else the time in the CA's own words,
 * else an hour from now. Of several times the last counts: before it one of the names is refused again.
 */
export function caWait(problem: AcmeProblem, retryAt: Date | undefined, now: Date): CaWait {
  const until = retryAt ?? latest([problem, ...problem.subproblems].map(({ detail }) => timeInText(detail)));
  if (until === undefined) return { until: new Date(now.getTime() + untoldWaitMs), isTold: false };
  const furthest = now.getTime() + longestMs;
  return { until: new Date(Math.min(Math.max(until.getTime(), now.getTime()), furthest)), isTold: true };
}

/**
 * The form that Let's Encrypt uses in all its rate limits, and no other: `retry after 2026-11-22 20:00:00 UTC`
 * (https://letsencrypt.org/docs/rate-limits/).
 */
function timeInText(text: string): Date | undefined {
  const found = /\bretry after (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC\b/.exec(text);
  const instant = found === null ? NaN : Date.parse(`${found[1] ?? ''}T${found[2] ?? ''}Z`);
  return Number.isNaN(instant) ? undefined : new Date(instant);
}

function latest(instants: readonly (Date | undefined)[]): Date | undefined {
  return instants
    .filter((instant) => instant !== undefined)
    .reduce<Date | undefined>((last, next) => (last === undefined || next > last ? next : last), undefined);
}
