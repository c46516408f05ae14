import type { Clock } from '../../src/ports.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * Time for many that wait side by side: it stands still while anybody works, and jumps to the next who wakes when all
 * wait. What runs on it must wait for nothing else than it.
 */
export class VirtualClock implements Clock {
  /** Whether somebody is at work where no promise tells: on a disk, in another thread. */
  isBusy: () => boolean = () => false;
  readonly #timers = new Set<Timer>();
  #now: number;

  constructor(start = '2026-11-22T04:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#timers.delete(timer);
        reject(signal.reason as Error);
      };
      const timer = this.#at(milliseconds, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  deadline(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.#at(milliseconds, () => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    });
    return controller.signal;
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const ended = work.finally(() => {
      isDone = true;
    });
    ended.catch(() => undefined);
    await this.#allWait();
    // Set by the work's end, in between.
    while (!(isDone as boolean)) {
      this.#jump();
      await this.#allWait();
    }
    return await ended;
  }

  #at(milliseconds: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, milliseconds), fire };
    this.#timers.add(timer);
    return timer;
  }

  #jump(): void {
    const [first, ...others] = this.#timers;
    if (first === undefined) throw new Error('Everybody waits, and nobody for the clock.');
    const next = others.reduce((soonest, timer) => (timer.at < soonest.at ? timer : soonest), first);
    this.#timers.delete(next);
    this.#now = next.at;
    next.fire();
  }

  /** Once no promise has anything left to do. */
  async #allWait(): Promise<void> {
    do {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    } while (this.isBusy());
  }
}
