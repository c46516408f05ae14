import { allSettled, MovedClock, turnUntilDone } from '../fakes/moved-clock.ts';

/** While somebody waits for an answer, time does not leap further at once. */
const longestRequestMs = 30_000;

/**
 * An order of events that is chosen from outside: whoever calls a port waits at `step` until it is his turn, and time
 * moves when a sleeper is chosen. The same choices give the same run.
 */
export class Interleaving extends MovedClock {
  #choices: readonly number[];
  readonly #steps: (() => void)[] = [];
  #taken = 0;

  /** @param choices used up one a turn; after them whoever has waited longest goes first */
  constructor(choices: readonly number[]) {
    super();
    this.#choices = choices;
  }

  async step(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#steps.push(resolve);
    });
  }

  /** From now on whoever has waited longest goes first, and nobody sleeps while there is work. */
  calmDown(): void {
    this.#choices = [];
  }

  /** Takes turns until the work is done. */
  async run(work: Promise<unknown>): Promise<void> {
    await turnUntilDone(work, allSettled, () => {
      this.#turn();
    });
  }

  #turn(): void {
    const choice = this.#choices[this.#taken] ?? 0;
    this.#taken += 1;
    const soonestMs = this.soonestMs();
    // Requests are faster than waits, mostly.
    const isForTimer = choice % 5 === 4 && soonestMs <= longestRequestMs;
    if (soonestMs < Infinity && (isForTimer || this.#steps.length === 0)) {
      this.wakeNext();
      return;
    }
    const [go] = this.#steps.splice(choice % Math.max(1, this.#steps.length), 1);
    if (go === undefined) throw new Error('Everybody waits, and nobody for his turn.');
    go();
  }
}
