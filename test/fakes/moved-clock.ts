import type { Clock } from '../../src/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A clock that stands still until whoever made it lets the next one wake who sleeps on it. */
export class MovedClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;

  constructor(start = '2026-11-22T04:00:00Z') {
    this.#nowMs = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#timers.delete(timer);
        reject(signal.reason as Error);
      };
      const timer = this.#add(milliseconds, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  deadline(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.#add(milliseconds, () => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    });
    return controller.signal;
  }

  /** Milliseconds until the next one wakes; Infinity if nobody sleeps. */
  protected soonestMs(): number {
    return Math.min(...Array.from(this.#timers, ({ atMs }) => atMs)) - this.#nowMs;
  }

  /** Moves to when the next one wakes, and wakes him: of several at once the one who has slept longest. */
  protected wakeNext(): void {
    const [first, ...others] = this.#timers;
    if (first === undefined) throw new Error('Everybody waits, and nobody for the clock.');
    const next = others.reduce((soonest, timer) => (timer.atMs < soonest.atMs ? timer : soonest), first);
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.fire();
  }

  #add(milliseconds: number, fire: () => void): Timer {
    const timer = { atMs: this.#nowMs + Math.max(0, milliseconds), fire };
    this.#timers.add(timer);
    return timer;
  }
}

/** Resolves once the work has ended: until then `turn` is called whenever no promise has anything left to do. */
export async function turnUntilDone<T>(
  work: Promise<T>,
  settled: () => Promise<void>,
  turn: () => void,
): Promise<T> {
  const state = { isDone: false };
  const ended = work.finally(() => {
    state.isDone = true;
  });
  ended.catch(() => undefined);
  await settled();
  while (!state.isDone) {
    turn();
    await settled();
  }
  return await ended;
}

/** Once no promise has anything left to do. */
export async function allSettled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
