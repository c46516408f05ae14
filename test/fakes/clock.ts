import type { Clock } from '../../src/ports.ts';

/** A clock that jumps: a sleep takes no time and moves it on. `onSleep` sees every sleep before it ends. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  onSleep: (milliseconds: number) => void = () => undefined;
  #now: number;

  constructor(start = '2026-11-22T12:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  move(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await Promise.resolve();
    signal.throwIfAborted();
    this.slept.push(milliseconds);
    this.move(milliseconds);
    this.onSleep(milliseconds);
    signal.throwIfAborted();
  }

  /** Never fires by itself: tests of deadlines make their own signal. */
  deadline(): AbortSignal {
    return new AbortController().signal;
  }
}
