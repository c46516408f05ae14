/** When AWS is asked for a session again after it gave none: who asks the endpoint may do so many times a second. */
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { type KeptSession, sessionAge } from './session-life.ts';

/** The last of some failures in a row. */
export interface SessionFailure {
  readonly error: unknown;
  readonly at: Date;
  /** How many, from 1. */
  readonly times: number;
}

/** AWS is asked no more often than this when that is in vain. */
const longestMs = 60_000;
const shortestMs = 1000;
/** A broken Retry-After must not keep a host out for days. */
const longestToldMs = 3600_000;

/**
 * Whether what was said last is the answer for now. A failure by itself is not: who asks next may have more luck. After
 * that the pauses double, from a second to a minute. While there is a session that is still good, each failure is
 * followed by a pause, so that there are some attempts more before its end.
 */
export function isResting(
  { error, at, times }: SessionFailure,
  kept: KeptSession | undefined,
  now: Date,
): boolean {
  if (isFoundHere(error)) return false;
  const pause = isGood(kept, at)
    ? within(shortestMs, (kept.credentials.expiration.getTime() - at.getTime()) / 4, longestMs)
    : times === 1
      ? 0
      : within(shortestMs, shortestMs * 2 ** (times - 2), longestMs);
  const since = now.getTime() - at.getTime();
  // A clock that was set back must not make a pause longer.
  return since >= 0 && since < Math.max(pause, Math.min(toldMs(error, at), longestToldMs));
}

function isGood(kept: KeptSession | undefined, at: Date): kept is KeptSession {
  return kept !== undefined && sessionAge(kept, at) !== 'over';
}

function within(least: number, wanted: number, most: number): number {
  return Math.min(Math.max(wanted, least), most);
}

/** For how long AWS wanted to be left alone. */
function toldMs(error: unknown, at: Date): number {
  const retryAt = error instanceof LanacmeError ? error.retryAt : undefined;
  return retryAt === undefined ? 0 : retryAt.getTime() - at.getTime();
}

/** Nobody was asked: it costs nothing to look again, and what was mended on disk counts at once. */
function isFoundHere(error: unknown): boolean {
  return error instanceof LanacmeError && foundHere.has(error.code);
}

const foundHere: ReadonlySet<ErrorCode> = new Set([
  'config.invalid-value',
  'credentials.file-unreadable',
  'credentials.key-exposed',
  'credentials.key-invalid',
  'credentials.key-mismatch',
  'credentials.certificate-invalid',
  'credentials.certificate-expired',
  'credentials.certificate-not-yet-valid',
  'credentials.chain-invalid',
  'credentials.seed-invalid',
]);
