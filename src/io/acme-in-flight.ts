/** Runs tasks, at most so many at the same time; the others wait their turn. */
export type InFlightLimit = <T>(signal: AbortSignal, task: () => Promise<T>) => Promise<T>;

export function makeInFlightLimit(most: number): InFlightLimit {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (signal, task) => {
    if (free > 0) free -= 1;
    // Whoever ends hands its place over, so it is never counted as free in between.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
