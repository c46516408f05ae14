import type { Clock } from '../../src/ports.ts';

/** A clock that moves only when somebody sleeps on it, and remembers how long. */
export interface MovedClock extends Clock {
  readonly sleeps: readonly number[];
}

export function makeMovedClock(start: Date): MovedClock {
  let now = start.getTime();
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted();
      sleeps.push(milliseconds);
      now += milliseconds;
      await Promise.resolve();
    },
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
  };
}
