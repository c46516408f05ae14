import type { Clock } from '../../src/ports.ts';

interface Waiting {
  readonly go: () => void;
}

/** While somebody waits for an answer, time does not leap further at once. */
const longestRequestMs = 30_000;

/**
 * An order of events that is chosen from outside: whoever calls a port waits at `step` until it is his turn, and time
 * moves when a sleeper is chosen. The same choices give the same run.
 */
export class Interleaving implements Clock {
  #choices: readonly number[];
  readonly #steps: Waiting[] = [];
  #timers: (Waiting & { readonly at: number })[] = [];
  #now = Date.parse('2026-11-22T04:00:00Z');
  #taken = 0;

  /** @param choices used up one a turn; after them whoever has waited longest goes first */
  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  now(): Date {
    return new Date(this.#now);
  }

  async step(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#steps.push({ go: resolve });
    });
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#timers = this.#timers.filter((other) => other !== timer);
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

  /** From now on whoever has waited longest goes first, and nobody sleeps while there is work. */
  calmDown(): void {
    this.#choices = [];
  }

  /** Takes turns until the work is done. */
  async run(work: Promise<unknown>): Promise<void> {
    const state = { isDone: false };
    const ended = work.finally(() => {
      state.isDone = true;
    });
    ended.catch(() => undefined);
    await settled();
    while (!state.isDone) {
      this.#turn();
      await settled();
    }
    await ended;
  }

  #turn(): void {
    const choice = this.#choices[this.#taken] ?? 0;
    this.#taken += 1;
    const soonestMs = Math.min(...this.#timers.map(({ at }) => at)) - this.#now;
    // Requests are faster than waits, mostly.
    const isForTimer = choice % 5 === 4 && soonestMs <= longestRequestMs;
    if (soonestMs < Infinity && (isForTimer || this.#steps.length === 0)) {
      this.#fire();
      return;
    }
    const [next] = this.#steps.splice(choice % Math.max(1, this.#steps.length), 1);
    if (next === undefined) throw new Error('Everybody waits, and nobody for his turn.');
    next.go();
  }

  #fire(): void {
    const at = Math.min(...this.#timers.map((timer) => timer.at));
    const next = this.#timers.find((timer) => timer.at === at);
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#now = Math.max(this.#now, at);
    next?.go();
  }

  #at(milliseconds: number, go: () => void): Waiting {
    const timer = { at: this.#now + Math.max(0, milliseconds), go };
    this.#timers.push(timer);
    return timer;
  }
}

/** Once no promise has anything left to do. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
