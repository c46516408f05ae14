import { retryAfterMs } from '../core/retry-after.ts';
import type { Clock } from '../ports.ts';
import type { LibraryAnswer } from './acme-library.ts';
import { HttpFailure } from './http.ts';

/** Pauses between tries, in milliseconds; a longer Retry-After of the CA wins. */
const pauses = [1000, 3000, 9000];
/** A run does not sleep longer than this for a CA that is down: it ends and says when to come back. */
const longestSleep = 60_000;

/**
 * Asks again when the CA answers with a server error or the connection breaks: only for what may be asked twice.
 * Returns the last answer, or throws the last failure.
 *
 * @param ask signs anew each time: a repeated request needs a fresh nonce (RFC 8555 §6.5).
 * @param arrived looks before each repetition whether the CA has got the request after all; then its answer is this.
 */
export async function askAgain(
  ask: () => Promise<LibraryAnswer>,
  clock: Clock,
  signal: AbortSignal,
  arrived?: (signal: AbortSignal) => Promise<LibraryAnswer | undefined>,
): Promise<LibraryAnswer> {
  let slept = 0;
  for (const pause of pauses) {
    const result = await tryOnce(ask);
    if (!isPassing(result)) return unwrap(result);
    const wait = Math.max(pause, told(result, clock.now()));
    slept += wait;
    if (slept > longestSleep) return unwrap(result);
    await clock.sleep(wait, signal);
    const found = await arrived?.(signal);
    if (found !== undefined) return found;
  }
  return await ask();
}

async function tryOnce(ask: () => Promise<LibraryAnswer>): Promise<LibraryAnswer | HttpFailure> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HttpFailure) return error;
    throw error;
  }
}

function isPassing(result: LibraryAnswer | HttpFailure): boolean {
  if (result instanceof HttpFailure) return result.kind === 'reset' || result.kind === 'cut-off';
  return result.status >= 500;
}

function told(result: LibraryAnswer | HttpFailure, now: Date): number {
  return result instanceof HttpFailure ? 0 : (retryAfterMs(result.headers['retry-after'], now) ?? 0);
}

function unwrap(result: LibraryAnswer | HttpFailure): LibraryAnswer {
  if (result instanceof HttpFailure) throw result;
  return result;
}
