import { escapeText } from '../core/escape.ts';
import type { Clock } from '../ports.ts';

const redrawMs = 1000;
/** CR, then ED of this line (ECMA-48 §8.3.41). */
const clearLine = '\r\x1b[2K';

/** The last line of a terminal while something is waited for: what for, and since when. The newest wait is shown. */
export class WaitingLine {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #waits = new Set<{ readonly what: string; readonly since: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** Shows the wait until the returned function is called. */
  begin(what: string): () => void {
    const wait = { what, since: this.#clock.now().getTime() };
    this.#waits.add(wait);
    this.#timer ??= setInterval(() => {
      this.#draw();
    }, redrawMs).unref();
    this.#draw();
    return () => {
      this.#end(wait);
    };
  }

  /** Writes whole lines above the waiting line. */
  above(lines: string): void {
    if (this.#waits.size === 0) {
      this.#write(lines);
      return;
    }
    this.#write(`${clearLine}${lines}`);
    this.#draw();
  }

  #end(wait: { readonly what: string; readonly since: number }): void {
    if (!this.#waits.delete(wait)) return;
    if (this.#waits.size > 0) {
      this.#draw();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#write(clearLine);
  }

  #draw(): void {
    const newest = [...this.#waits].at(-1);
    if (newest === undefined) return;
    const seconds = Math.max(0, Math.floor((this.#clock.now().getTime() - newest.since) / 1000));
    this.#write(`${clearLine}waiting for ${escapeText(newest.what, 200)} (${seconds} s)`);
  }
}
