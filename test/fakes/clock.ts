import type { Clock } from '../../src/ports.ts';

/**
 * A clock that jumps: a sleep takes no time and moves it on, and past the deadlines. `onSleep` sees every sleep before it
 * ends.
 */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  onSleep: (milliseconds: number) => void = () => undefined;
  readonly #deadlines = new Set<{ readonly at: number; readonly controller: AbortController }>();
  #now: number;

  constructor(start = '2026-11-22T12:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  move(milliseconds: number): void {
    this.#now += milliseconds;
    for (const deadline of this.#deadlines) {
      if (deadline.at > this.#now) continue;
      this.#deadlines.delete(deadline);
      // What `AbortSignal.timeout` gives as its reason.
      deadline.controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await Promise.resolve();
    signal.throwIfAborted();
    this.slept.push(milliseconds);
    this.move(milliseconds);
    this.onSleep(milliseconds);
    signal.throwIfAborted();
  }

  deadline(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.#deadlines.add({ at: this.#now + milliseconds, controller });
    return controller.signal;
  }
}
