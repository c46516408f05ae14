import { escapeText } from '../core/escape.ts';
import type { Clock } from '../ports.ts';

const redrawMs = 1000;
/** CR, then ED of this line (ECMA-48 §8.3.41). */
const clearLine = '\r\x1b[2K';

/** The part of a terminal's stream that is needed here. */
export interface Terminal {
  write(text: string): unknown;
  /** As of now: a window may be made smaller. */
  readonly columns?: number | undefined;
}

/** The last line of a terminal while something is waited for: what for, and since when. The newest wait is shown. */
export class WaitingLine {
  readonly #stream: Terminal;
  readonly #clock: Clock;
  readonly #waits = new Set<{ readonly what: string; readonly since: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Terminal, clock: Clock) {
    this.#stream = stream;
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
      this.#stream.write(lines);
      return;
    }
    this.#stream.write(`${clearLine}${lines}`);
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
    this.#stream.write(clearLine);
  }

  #draw(): void {
    const newest = [...this.#waits].at(-1);
    if (newest === undefined) return;
    const seconds = Math.max(0, Math.floor((this.#clock.now().getTime() - newest.since) / 1000));
    this.#stream.write(
      `${clearLine}${this.#fitted(`waiting for ${escapeText(newest.what)}`, ` (${seconds} s)`)}`,
    );
  }

  /** What does not fit would go on in the next line, where it cannot be cleared. */
  #fitted(what: string, since: string): string {
    // The last column stays free: some terminals go on to the next line once it is written.
    const room = (this.#stream.columns ?? 80) - 1 - since.length;
    return `${what.length > room ? `${what.slice(0, Math.max(0, room - 1))}…` : what}${since}`;
  }
}
