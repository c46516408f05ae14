import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../ports.ts';
import { deadline } from './deadline.ts';

/** Node counts a timer's milliseconds in 31 bits and fires at once beyond them. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * @internal for tests, which have other timers.
 * @param timer resolves after so many milliseconds, and rejects once the signal has aborted.
 */
export function makeClock(timer: typeof setTimeout): Clock {
  return {
    now: () => new Date(),
    async sleep(milliseconds, signal) {
      for (let left = milliseconds; left > 0; left -= longestTimerMs) {
        try {
          await timer(Math.min(left, longestTimerMs), undefined, { signal });
        } catch (error) {
          // Node rejects with an AbortError of its own; callers know the signal's reason.
          signal.throwIfAborted();
          throw error;
        }
      }
      signal.throwIfAborted();
    },
    deadline,
  };
}

export const systemClock = makeClock(setTimeout);
